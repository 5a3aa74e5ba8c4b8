import type { RollbackDecision } from "#core/rollback/decision.ts";
import { ok } from "#core/result.ts";
import type { RollbackOperations, WayBackView } from "#usecases/rollback/rollback-operations.ts";
import type { Rehearsal } from "#usecases/rollback/rollback-records.ts";

const at = Temporal.Instant.from("2026-03-25T08:00:00Z");
const minutes = (count: number): Temporal.Duration => Temporal.Duration.from({ minutes: count });

const rehearsal: Rehearsal = {
  run: `run_${"0".repeat(32)}`,
  service: "checkout-api",
  version: "5.0.1",
  digest: `sha256:${"0".repeat(64)}`,
  former: "5.0.0",
  formerDigest: `sha256:${"1".repeat(64)}`,
  environment: "staging",
  at,
  outcome: "pass",
  seconds: 2_280,
  compared: ["orders.orders"],
  differing: [],
  reason: null,
};

const decision: RollbackDecision = {
  id: `rdc_${"0".repeat(32)}`,
  deployment: `dep_${"0".repeat(32)}`,
  cause: "alert",
  because: "2.5 % of the requests fail.",
  openedAt: at,
  protocol: {
    decider: "operator",
    deputy: null,
    within: minutes(10),
    whenSilent: "go-back",
    firstMessage: minutes(2),
    tell: ["checkout"],
    downtime: minutes(25),
    stakeholders: [{ who: "viewer", deputy: "developer" }],
    answerWithin: minutes(5),
  },
  statements: [{ at, person: "viewer", kind: "answer", option: "go-on", text: "The fair is open." }],
  sent: [],
  ended: null,
};

const wayBack: WayBackView = {
  service: "checkout-api",
  version: "5.0.1",
  environment: "prod-emea",
  former: "5.0.0",
  how: "At once to 100 %, because it is a way back: strategy way-back.",
  plan: {
    service: "checkout-api",
    document: "checkout-api",
    triggers: ["More than 2 % of the orders fail."],
    steps: ["All traffic goes back."],
    expected: minutes(20),
    pointOfNoReturn: { percent: 100, why: "The billing has read it." },
    limits: [],
  },
  missing: [{ service: "ledger-core", kind: "message" }],
  time: { milliseconds: 2_280_000, known: "rehearsed" },
  latestStart: { at, closesAt: at.add({ minutes: 38 }) },
  isPastNoReturn: true,
  rehearsal,
  canRehearse: { environment: "staging", data: [], migrates: [] },
  decisions: [decision],
  left: [],
};

/** One way back of every deployment that there is, with a decision that is open. */
export function fakeRollback(done: (operation: string) => Promise<void>): RollbackOperations {
  return {
    showWayBack: () => Promise.resolve(wayBack),
    async askDecision({ deployment }) {
      await done("askDecision");
      return ok(deployment);
    },
    async sayOnDecision({ deployment }) {
      await done("sayOnDecision");
      return ok(deployment);
    },
    async decideOnSessions({ deployment }) {
      await done("decideOnSessions");
      return ok(deployment);
    },
    listDecisions: () => Promise.resolve([decision]),
    async rehearse() {
      await done("rehearse");
      return ok(rehearsal.run);
    },
    listRehearsals: () => Promise.resolve([rehearsal]),
  };
}

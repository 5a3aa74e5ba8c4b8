import assert from "node:assert/strict";
import { test } from "node:test";
import type { Observation } from "#connectors/port.ts";
import type { Trigger } from "#core/rollout/triggers.ts";
import { armedState } from "#core/rollout/watch.ts";
import { ok } from "#core/result.ts";
import type { EvidenceRecord } from "#core/release/reports.ts";
import { deploymentOf } from "#usecases/rollback/open-decision.ts";
import { seeTarget, stepsOf, withoutMoves, type SeenTarget } from "#usecases/rollout/see-live.ts";
import type { LiveWatch } from "#usecases/rollout/watch-records.ts";

const liveAt = Temporal.Instant.from("2026-06-01T10:00Z");
const digest = `sha256:${"1".repeat(64)}`;
const ledger: Trigger = {
  name: "ledger",
  kind: "integrity",
  above: 0,
  breaches: 1,
  of: 1,
  minRequests: 0,
  evidence: "reconciliation",
};
const watch = { name: "w", scope: {}, priority: 0, armedSeconds: 1800, triggers: [ledger], stabilisation: null };
const deployment = deploymentOf("dep_1");
const live: LiveWatch = {
  deployment,
  service: "shop",
  environment: "prod",
  version: "1.1.0",
  digest,
  watch,
  memory: { ...armedState(liveAt), liveSecond: null, newest: null, budgetLeft: null, exit: null },
  liveAt,
  armedUntil: liveAt.add({ minutes: 30 }),
  watchedUntil: liveAt.add({ minutes: 60 }),
  prolonged: 0,
  lookAt: liveAt,
};

async function seen(state: "ready" | "failed", percent: number): Promise<Pick<SeenTarget, "unhealthy" | "lacksShare">> {
  const versions: Observation["versions"] = [{ version: "1.1.0", digest, state, percent }];
  const { unhealthy, lacksShare } = await seeTarget(
    {
      observe: () => Promise.resolve(ok({ versions, observedAt: liveAt.toString() })),
      traffic: () => Promise.resolve(ok({ seconds: [], completeBefore: 100 })),
    },
    live,
  );
  return { unhealthy, lacksShare };
}

test("a version that is well but for its share is told from one that is ill", async () => {
  assert.deepEqual(await seen("ready", 100), { unhealthy: 0, lacksShare: false });
  assert.deepEqual(await seen("ready", 95), { unhealthy: 1, lacksShare: true });
  assert.deepEqual(await seen("failed", 100), { unhealthy: 1, lacksShare: false });
});

test("a share that a run of the service moves is not known, and a version that is not up is ill all the same", () => {
  const lacking = { traffic: null, unhealthy: 1, lacksShare: true };
  const down = { ...lacking, lacksShare: false };
  const runOf = (service: string, environment: string) => [{ subject: { service, environment } }];
  assert.equal(withoutMoves(lacking, live, runOf("shop", "prod")).unhealthy, null);
  assert.equal(withoutMoves(lacking, live, [...runOf("shop", "dev"), ...runOf("cart", "prod")]).unhealthy, 1);
  assert.equal(withoutMoves(down, live, runOf("shop", "prod")).unhealthy, 1);
});

for (const [outcome, value, step] of [
  ["pass", null, 0],
  ["pass", 3, 3],
  ["fail", null, 1],
  ["fail", 4, 4],
  ["fail", 0, null],
  ["not-enough", 0, null],
  ["not-enough", null, null],
] as const) {
  test(`evidence that says ${outcome} with ${value ?? "no value"} is ${step ?? "not known"}`, () => {
    const record: EvidenceRecord = {
      digest,
      kind: "reconciliation",
      outcome,
      value,
      ruleSet: null,
      source: "ledger",
      by: "ledger-ci",
      at: liveAt.add({ minutes: 1 }),
      ref: null,
    };
    const target = { traffic: null, unhealthy: 0, lacksShare: false };
    assert.deepEqual(stepsOf(live, target, true, { evidence: [record], errorBudget: null }), { ledger: [step] });
  });
}

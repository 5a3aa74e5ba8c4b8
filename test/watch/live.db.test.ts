import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { DeploymentId } from "#core/id.ts";
import { admitDeps, startRunWith } from "#main/bind-operations.ts";
import { makeWatchLive } from "#usecases/rollout/watch-live.ts";
import { digests, openPlane, openStore, organisationOf, type Plane } from "#test/main-job/bench.ts";
import { documentsOf } from "#test/support/configuration.ts";
import type { TestStore } from "#test/support/store.ts";

const startAt = Temporal.Instant.from("2026-11-02T12:00:00Z");
let store: TestStore;

const watches = [
  `kind: Watch
metadata: { name: after-live }
spec:
  scope: { services: [s0, s1, s3] }
  armed: PT30M
  triggers:
    - { name: errors, kind: errors, above: 2, breaches: 3, of: 5 }
    - { name: health, kind: health, above: 0 }`,
  `kind: Watch
metadata: { name: with-ledger }
spec:
  scope: { services: [s2] }
  armed: PT30M
  triggers:
    - { name: errors, kind: errors, above: 2, breaches: 3, of: 5 }
    - { name: ledger, kind: integrity, evidence: reconciliation, above: 0 }`,
  `kind: Watch
metadata: { name: looked-after }
spec:
  scope: { services: [s4] }
  armed: PT5M
  triggers: [{ name: errors, kind: errors, above: 2 }]
  stabilisation:
    lasts: PT3H
    alerts: [{ name: tight, kind: errors, above: 1 }]
    watcher: ann
    checkIn: PT1H
    escalate: web`,
  `kind: Watch
metadata: { name: by-protocol }
spec: { scope: { services: [s5] }, armed: PT30M, triggers: [{ name: errors, kind: errors, above: 2 }] }`,
  `kind: Rollback
metadata: { name: s5 }
spec: { service: s5, triggers: [It fails.], steps: [It goes back.], decision: { decider: ann } }`,
];

before(async () => {
  store = await openStore(6, startAt, [...organisationOf(6), ...documentsOf(watches.join("\n---\n"))]);
});
after(() => store[Symbol.asyncDispose]());

interface Live {
  readonly plane: Plane;
  readonly id: DeploymentId;
  /** Looks every ten seconds for so long; what was ordered runs to its end. */
  readonly pass: (seconds: number) => Promise<void>;
  readonly fail: (errorRate: number) => void;
  readonly live: () => Promise<string | undefined>;
  /** Outcomes of what was told, in order. */
  readonly told: () => Promise<readonly unknown[]>;
}

/** A version that has just gone live, under two hundred requests a second. */
async function goneLive(service: string): Promise<Live> {
  const plane = openPlane(store, startAt, [service]);
  const deps = admitDeps(plane.clock.now, startRunWith(plane.engine.starter));
  const watchLive = makeWatchLive({ ...deps, transact: plane.transact, deployer: plane.target });
  const id = await plane.request(service);
  await plane.engine.settle();
  await plane.engine.drain();
  const target = { environment: "prod", service };
  return {
    plane,
    id,
    pass: async (seconds) => {
      for (let passed = 0; passed < seconds; passed += 10) {
        plane.clock.advance(Temporal.Duration.from({ seconds: 10 }));
        await watchLive();
        await plane.engine.settle();
        await plane.engine.drain();
      }
    },
    fail: (errorRate) => plane.target.setTraffic(target, { versions: { "1.1.0": { errorRate, medianMs: 20 } } }),
    live: async () => (await store.transact((records) => records.inventory.current(service, "prod")))?.version,
    told: async () => {
      const lines = (await store.views.deployment(id))?.timeline ?? [];
      return lines.filter(({ name }) => name.startsWith("watch: ")).map(({ detail }) => Object(detail).outcome);
    },
  };
}

test("2.5 % for three minutes within the window: the version of before is live again, verified, and it is on record", async () => {
  const { plane, pass, fail, live, told, id } = await goneLive("s0");
  assert.equal(await live(), "1.1.0");
  await pass(300);
  assert.deepEqual(await told(), []);
  fail(0.025);
  await pass(200);
  assert.equal(await live(), "1.0.0");
  assert.equal(
    plane.target.truth({ environment: "prod", service: "s0" }).find(({ percent }) => percent === 100)?.version,
    "1.0.0",
  );
  assert.deepEqual(await told(), ["roll-back"]);
  const audit = await store.views.audit({ object: id, action: "deployment.watch", limit: 5, cursor: null });
  assert.deepEqual(
    audit.items.map(({ outcome, person }) => [outcome, person]),
    [["roll-back", "system"]],
  );
  const watch = await store.transact((records) => records.watches.find(id));
  assert.deepEqual([watch?.memory.phase, watch?.memory.exit?.how, watch?.lookAt], ["fired", "taken-back", null]);
  await pass(60);
  assert.equal(await live(), "1.0.0", "what was live before is not taken back in its turn");
});

test("the same at minute 31 alerts once and takes nothing back", async () => {
  const { plane, pass, fail, live, told } = await goneLive("s1");
  await pass(20);
  plane.clock.advance(Temporal.Duration.from({ minutes: 30 }));
  await pass(60);
  fail(0.025);
  await pass(300);
  assert.deepEqual(await told(), ["disarmed", "alert"]);
  assert.equal(await live(), "1.1.0");
});

test("a mismatch that is reported takes it back at the next look, and one spike of errors does not", async () => {
  const { plane, pass, fail, live, told } = await goneLive("s2");
  await pass(120);
  fail(0.5);
  await pass(20);
  fail(0.002);
  await pass(300);
  assert.deepEqual(await told(), []);
  const record = { digest: digests.next, kind: "reconciliation", outcome: "fail", value: 4 } as const;
  const at = plane.clock.now();
  await store.transact((records) =>
    records.reports.insert({
      id: `rpt_${"5".repeat(32)}`,
      report: { kind: "evidence", record: { ...record, ruleSet: null, source: "ledger-job", at, ref: null } },
      receivedAt: at,
      by: "ann",
      account: "ann",
    }),
  );
  await pass(10);
  assert.deepEqual([await live(), await told()], ["1.0.0", ["roll-back"]]);
});

test("a target that does not answer is told of, and nothing is taken back, whatever was seen before", async () => {
  const { plane, pass, fail, live, told } = await goneLive("s3");
  await pass(60);
  // Two minutes of it are not yet a breach.
  fail(0.5);
  await pass(100);
  plane.target.faults.inject("traffic", { kind: "unreachable" });
  plane.target.faults.inject("observe", { kind: "unreachable" });
  await pass(300);
  assert.deepEqual([await live(), await told()], ["1.1.0", ["blind"]]);
});

test("a stabilisation has tighter limits, escalates missed check-ins, and ends when everything is green", async () => {
  const { plane, pass, fail, told, id } = await goneLive("s4");
  await pass(60);
  plane.clock.advance(Temporal.Duration.from({ minutes: 10 }));
  fail(0.015);
  await pass(200);
  fail(0.002);
  await pass(400);
  assert.deepEqual(await told(), ["disarmed", "alert", "calm"]);
  plane.clock.advance(Temporal.Duration.from({ hours: 1 }));
  await pass(20);
  assert.deepEqual((await told()).slice(3), ["check-in-missed"]);
  const notices = await store.transact((records) => records.watches.told(id));
  const missed = notices.filter(({ key }) => key.startsWith("check-in"));
  assert.deepEqual(missed.map(({ recipient }) => recipient).toSorted(), ["ann", "web"]);
  plane.clock.advance(Temporal.Duration.from({ hours: 2 }));
  await pass(20);
  const watch = await store.transact((records) => records.watches.find(id));
  assert.deepEqual([watch?.prolonged, watch?.memory.phase], [1, "alerting"], "missed check-ins prolong it");
});

test("where the plan names who decides, the decision is opened and nothing is taken back", async () => {
  const { pass, fail, live, told, id } = await goneLive("s5");
  await pass(60);
  fail(0.1);
  await pass(240);
  assert.deepEqual([await live(), await told()], ["1.1.0", ["decide"]]);
  const open = await store.transact((records) => records.rollbackDecisions.openOf(id));
  assert.equal(open?.protocol.decider, "ann");
});

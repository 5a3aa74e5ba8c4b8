import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { DeploymentId } from "#core/id.ts";
import { admitDeps, startRunWith } from "#main/bind-operations.ts";
import { metricSourcesOf, noSource } from "#usecases/criteria/sources.ts";
import { makeWatchLive } from "#usecases/rollout/watch-live.ts";
import { makeListLiveAsks } from "#usecases/rollout/live-asks.ts";
import { makeWatchOperations } from "#usecases/rollout/watch-operations.ts";
import { digests, openPlane, openStore, organisationOf, type Plane } from "#test/main-job/bench.ts";
import { documentsOf } from "#test/support/configuration.ts";
import type { TestStore } from "#test/support/store.ts";

const startAt = Temporal.Instant.from("2026-11-02T12:00:00Z");
let store: TestStore;

const watches = [
  `kind: Watch
metadata: { name: after-live }
spec:
  scope: { services: [s0, s1, s3, s8] }
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
  `kind: Watch
metadata: { name: by-orders }
spec:
  scope: { services: [s6, s7] }
  armed: PT30M
  triggers:
    - { name: errors, kind: errors, above: 2, breaches: 3, of: 5 }
    - { name: orders, kind: metric, source: telemetry, query: 'orders{version="{version}"}', unit: orders/s, below: 5 }`,
  `kind: Rollback
metadata: { name: s5 }
spec: { service: s5, triggers: [It fails.], steps: [It goes back.], decision: { decider: ann } }`,
];

before(async () => {
  store = await openStore(9, startAt, [...organisationOf(9), ...documentsOf(watches.join("\n---\n"))]);
});
after(() => store[Symbol.asyncDispose]());

const decider = { actor: { person: "ann", account: "ann", method: "token" }, requestId: "req-decide" } as const;

interface Live {
  readonly plane: Plane;
  readonly id: DeploymentId;
  /** Looks every ten seconds for so long; what was ordered runs to its end. */
  readonly pass: (seconds: number) => Promise<void>;
  readonly fail: (errorRate: number) => void;
  readonly live: () => Promise<string | undefined>;
  /** Outcomes of what was told, in order. */
  readonly told: () => Promise<readonly unknown[]>;
  /** What is wanted of somebody about this version. */
  readonly asked: (name: string) => Promise<readonly string[]>;
}

/** A version that has just gone live, under two hundred requests a second. */
async function goneLive(service: string): Promise<Live> {
  const plane = openPlane(store, startAt, [service]);
  const deps = admitDeps(plane.clock.now, startRunWith(plane.engine.starter));
  const sources = metricSourcesOf(plane.target, store.transact, noSource("prometheus", "TIDEGATE_PROMETHEUS"));
  const metrics = { sources, wallNow: plane.clock.now };
  // An answer of the store is waited for, however busy the machine is.
  const pause = (): Promise<void> => new Promise(() => undefined);
  const watchLive = makeWatchLive({ ...deps, transact: plane.transact, deployer: plane.target, metrics, pause });
  const id = await plane.request(service);
  await plane.engine.settle();
  await plane.engine.drain();
  const target = { environment: "prod", service };
  const listAsks = makeListLiveAsks({ now: plane.clock.now, transact: plane.transact });
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
    asked: async (name) => {
      const person = (await plane.transact((records) => records.catalog.inForce())).people.get(name);
      assert.ok(person);
      const asks = await listAsks(person);
      return asks.filter((ask) => ask.deployment === id).map(({ kind, sentence }) => `${kind}: ${sentence}`);
    },
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

test("a way back that does not come to its end is no way back: it is told, and the version is watched on", async () => {
  const { plane, pass, fail, live, told, id } = await goneLive("s8");
  await pass(300);
  await plane.transact((records) => records.locks.take("environment:prod", "somebody", null));
  fail(0.025);
  await pass(200);
  assert.deepEqual([await live(), await told()], ["1.1.0", ["roll-back"]]);
  const watched = () => store.transact((records) => records.watches.find(id));
  const asked = await watched();
  assert.deepEqual([asked?.memory.phase, asked?.memory.exit, asked?.lookAt === null], ["fired", null, false]);
  const back = await store.transact((records) => records.deployments.findOpen("s8", "1.0.0", "prod"));
  assert.ok(back !== null && (await plane.abort({ id: back.id, reason: "not now" }, decider)).ok);
  await pass(20);
  assert.deepEqual(await told(), ["roll-back", "not-taken-back"]);
  assert.equal((await watched())?.memory.phase, "armed");
  await plane.transact((records) => records.locks.release("environment:prod", "somebody"));
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
  const { plane, pass, fail, told, asked, id } = await goneLive("s4");
  await pass(60);
  plane.clock.advance(Temporal.Duration.from({ minutes: 10 }));
  fail(0.015);
  await pass(200);
  assert.deepEqual(await asked("ann"), [
    "notice: s4@1.1.0 in prod: tight is above 1. It is told and not taken back by itself.",
  ]);
  fail(0.002);
  await pass(400);
  assert.deepEqual(await asked("ann"), [], "what is within its limit again wants nothing");
  assert.deepEqual(await told(), ["disarmed", "alert", "calm"]);
  plane.clock.advance(Temporal.Duration.from({ hours: 1 }));
  await pass(20);
  assert.deepEqual((await told()).slice(3), ["check-in-missed"]);
  const notices = await store.transact((records) => records.watches.told(id));
  const missed = notices.filter(({ key }) => key.startsWith("check-in"));
  assert.deepEqual(missed.map(({ recipient }) => recipient).toSorted(), ["ann", "web"]);
  const late = "check-in: s4@1.1.0 in prod: say how it does. A check-in is late.";
  const [first, second, ...rest] = await asked("ann");
  assert.equal(first, late);
  assert.match(second ?? "", /^notice: ann was to say by .* and did not\.$/, "once, though told as ann and as of web");
  assert.deepEqual(rest, []);
  const well = { deployment: id, isWell: true, sentence: "Orders as usual." };
  const operations = makeWatchOperations({ now: plane.clock.now, transact: plane.transact });
  const ann = { actor: { person: "ann", account: "ann", method: "token" }, requestId: "req-word", key: null } as const;
  assert.ok((await operations.checkIn(well, ann)).ok);
  assert.deepEqual(await asked("ann"), [], "said, however late");
  plane.clock.advance(Temporal.Duration.from({ hours: 2 }));
  await pass(20);
  const watch = await store.transact((records) => records.watches.find(id));
  assert.deepEqual([watch?.prolonged, watch?.memory.phase], [1, "alerting"], "missed check-ins prolong it");
  assert.ok(
    (await asked("ann")).some((one) => one.startsWith("notice: The stabilisation of s4@1.1.0 in prod goes on")),
  );
  const now = plane.clock.now();
  const until = watch?.watchedUntil.toString();
  assert.deepEqual(await stabilisingAt(id, now), until, "and whoever waits for it waits longer");
  assert.equal(await stabilisingAt(id, now.subtract({ hours: 1 })), undefined, "as nobody knew an hour before");
  assert.ok((await operations.endWatch({ deployment: id, reason: "Known." }, ann)).ok);
  assert.equal(await stabilisingAt(id, now), now.toString(), "who ends it ends the wait");
  assert.deepEqual(await asked("ann"), [], "an ended watch wants nothing");
});

test("where the plan names who decides, the decision is opened and nothing is taken back", async () => {
  const { plane, pass, fail, live, told, id } = await goneLive("s5");
  await pass(60);
  fail(0.1);
  await pass(240);
  assert.deepEqual([await live(), await told()], ["1.1.0", ["decide"]]);
  const open = await store.transact((records) => records.rollbackDecisions.openOf(id));
  assert.equal(open?.protocol.decider, "ann");
  const decisions = await store.transact((records) => records.rollbackDecisions.of(id));
  const alerts = (await store.views.deployment(id))?.timeline.filter(({ name }) => name.includes(": alert at "));
  assert.deepEqual([decisions.length, alerts], [1, []], "one breach is one question");
  assert.ok((await plane.decideHeld({ id, decision: "go-on", reason: "known" }, decider)).ok);
  await pass(120);
  assert.equal(
    await store.transact((records) => records.rollbackDecisions.openOf(id)),
    null,
    "what was decided stays so",
  );
});

/** Until when what is live there is not stable, as verdicts knew it at an instant. */
async function stabilisingAt(id: DeploymentId, at: Temporal.Instant): Promise<string | undefined> {
  const subject = (await store.transact((records) => records.deployments.find(id)))?.subject;
  assert.ok(subject !== undefined);
  const { deployed } = await store.transact((records) => records.facts.load(subject, at, at.add({ hours: 24 })));
  return typeof deployed === "string" ? deployed : deployed[0]?.stabilisingUntil?.toString();
}

test("what was said about a live version stays as it was said", async () => {
  for (const table of ["watch_check_in", "watch_notice", "stabilisation_end", "plan_criterion_result"]) {
    await assert.rejects(store.pool.query(`truncate ${table}`), table);
  }
  await assert.rejects(store.pool.query("update watch_notice set sentence = 'Nothing.'"));
  await assert.rejects(store.pool.query("update watch_check_in set is_well = true"));
  await assert.rejects(store.pool.query("delete from stabilisation_end"));
});

/** One point every ten seconds, as an exporter sends them. */
async function sendOrders(service: string, from: Temporal.Instant, seconds: number, value: number): Promise<void> {
  const first = from.epochMilliseconds / 1000;
  const points = Array.from({ length: seconds / 10 }, (_, index) => ({
    service,
    environment: "prod",
    metric: "orders",
    kind: "gauge" as const,
    labels: { version: "1.1.0" },
    second: first + index * 10,
    value,
  }));
  await store.transact((records) => records.telemetry.addPoints(points));
}

test("orders that were sent to us fall below the limit: it is taken back, although no request fails", async () => {
  const { plane, pass, live, told } = await goneLive("s6");
  await sendOrders("s6", plane.clock.now(), 200, 50);
  await sendOrders("s6", plane.clock.now().add({ seconds: 200 }), 400, 1);
  await pass(200);
  assert.deepEqual([await live(), await told()], ["1.1.0", []]);
  await pass(400);
  assert.deepEqual([await live(), await told()], ["1.0.0", ["roll-back"]]);
});

test("orders that nobody sends any more take nothing back, and the watch says why it does not know", async () => {
  const { plane, pass, live, told, id } = await goneLive("s7");
  await sendOrders("s7", plane.clock.now(), 100, 1);
  await pass(600);
  assert.deepEqual([await live(), await told()], ["1.1.0", []]);
  const watch = await store.transact((records) => records.watches.find(id));
  assert.deepEqual([watch?.memory.standings["orders"], watch?.memory.standings["errors"]], ["unknown", "quiet"]);
  assert.match(watch?.memory.measured?.["orders"]?.trouble ?? "", /the source has no series|s old/);
});

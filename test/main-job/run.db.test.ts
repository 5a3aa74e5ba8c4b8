import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { z } from "zod";
import type { Fault } from "#connectors/fake/faults.ts";
import type { DeploymentId } from "#core/id.ts";
import type { TestStore } from "#test/support/store.ts";
import { openPlane, openStore, type Plane } from "#test/main-job/bench.ts";

const startAt = Temporal.Instant.from("2026-11-02T12:00:00Z");
/** Enough for one service per point of death; a run has about fifty. */
const services = 120;
let store: TestStore;
before(async () => {
  store = await openStore(services, startAt);
});
after(() => store[Symbol.asyncDispose]());

let nextService = 0;
function aService(): string {
  if (nextService >= services) throw new Error("the test needs more services");
  return `s${nextService++}`;
}

async function viewOf(id: DeploymentId) {
  const view = await store.views.deployment(id);
  assert.ok(view !== null);
  return view;
}

/** Shares of the new version in the order in which the target took them. */
function sharesOf(plane: Plane): readonly string[] {
  return plane.target.ledger
    .filter(({ effect, outcome }) => effect === "set-weights" && outcome === "applied")
    .map(({ detail }) => detail);
}

/** Names of the recorded steps of a run: its stored format, which code of the next version must ask for in this order. */
function historyOf(plane: Plane, run: string | null): readonly string[] {
  return plane.engine.inspect(run ?? "")?.history ?? [];
}

const recorded = z
  .record(z.string(), z.array(z.string()))
  .parse(JSON.parse(readFileSync(new URL("histories.json", import.meta.url), "utf8")));

async function play(service: string, death: number, prepare: (plane: Plane) => void = () => undefined) {
  const plane = openPlane(store, startAt, [service]);
  prepare(plane);
  plane.engine.crashAt(death);
  const id = await plane.request(service);
  await plane.engine.settle();
  await plane.engine.drain();
  return { plane, view: await viewOf(id) };
}

test("a good version goes live stage by stage, and the record says so", async () => {
  const { plane, view } = await play(aService(), 0);
  assert.equal(view.record.state, "succeeded", view.record.outcome ?? "");
  assert.deepEqual(
    view.timeline.map(({ name }) => name),
    [
      "take the lock",
      "preflight",
      "start version",
      "smoke test",
      "shift to 5 %",
      "watch 5 %",
      "shift to 50 %",
      "watch 50 %",
      "shift to 100 %",
      "watch 100 %",
      "verify live",
      "stop 1.0.0",
      "record the end",
    ],
  );
  assert.equal(sharesOf(plane).length, 3);
  assert.deepEqual(historyOf(plane, view.record.run), recorded["good"]);
  const { service, environment } = view.record.subject;
  assert.deepEqual(
    plane.target
      .truth({ environment, service })
      .filter(({ state }) => state === "ready")
      .map(({ version, percent }) => [version, percent]),
    [["1.1.0", 100]],
  );
  assert.equal(
    await store.transact(async (records) => (await records.inventory.current(service, environment))?.version),
    "1.1.0",
  );
});

test("stages that the target's proxy cannot give end the run before anything is touched, with the reason", async () => {
  const service = aService();
  const can = { driver: "haproxy", finestPercent: 6, exactWithin: 1, mostVersions: 8, sticky: true, cohorts: true };
  const routing = { can: { ...can, losesNothing: true }, sticky: false, cohorts: {} };
  const plane = openPlane(store, startAt, [service], { routing });
  const id = await plane.request(service);
  await plane.engine.settle();
  await plane.engine.drain();
  const { record, timeline } = await viewOf(id);
  assert.notEqual(record.state, "succeeded");
  const told = timeline.find(({ step }) => step === "preflight")?.sentence ?? "";
  assert.match(told, /nothing was touched: haproxy cannot give 5 %: its finest share is 6 %\./);
  assert.deepEqual(plane.target.ledger, []);
});

test("a version that fails one request in ten is found, and the former one is verified live at the target", async () => {
  const service = aService();
  const { plane, view } = await play(service, 0, ({ target }) =>
    target.setTraffic({ environment: "prod", service }, { versions: { "1.1.0": { errorRate: 0.1, medianMs: 20 } } }),
  );
  assert.equal(view.record.state, "rolled-back");
  assert.match(view.record.outcome ?? "", /worse than 1\.0\.0 in errors.*s\d+@1\.0\.0 is verified live at the target/);
  assert.equal(view.record.percent, 0);
  assert.deepEqual(historyOf(plane, view.record.run), recorded["worse"]);
  assert.deepEqual(
    plane.target
      .truth({ environment: "prod", service })
      .filter(({ state }) => state === "ready")
      .map(({ version, percent }) => [version, percent]),
    [["1.0.0", 100]],
  );
});

test("without traffic a stage is never passed: the run holds its position and goes back when nobody decides", async () => {
  const service = aService();
  const { view } = await play(service, 0, ({ target }) =>
    target.setTraffic({ environment: "prod", service }, { perSecond: 0 }),
  );
  assert.equal(view.record.state, "rolled-back");
  assert.match(view.record.outcome ?? "", /not enough evidence.*nobody decided in time/);
});

test("a person may let a run without enough evidence go on, by name; the record keeps who", async () => {
  const service = aService();
  const plane = openPlane(store, startAt, [service]);
  plane.target.setTraffic({ environment: "prod", service }, { perSecond: 0 });
  const id = await plane.request(service);
  await plane.engine.settle();
  const call = { actor: { person: "ann", account: "ann", method: "token" as const }, requestId: "decide-1" };
  for (const percent of [5, 50, 100]) {
    const { record } = await viewOf(id);
    assert.match(record.held ?? "", new RegExp(`^Holds at ${percent} %`));
    const decided = await plane.decideHeld(
      { id, decision: "go-on", reason: "night" },
      { ...call, requestId: `decide-${percent}` },
    );
    assert.ok(decided.ok);
    const again = await plane.decideHeld({ id, decision: "go-back", reason: "night" }, call);
    assert.deepEqual(again, { ok: false, error: "not-held" });
    await plane.engine.settle();
  }
  const { record, timeline } = await viewOf(id);
  assert.equal(record.state, "succeeded");
  assert.ok(timeline.some(({ sentence }) => sentence === "ann decided: it goes on."));
  assert.deepEqual(historyOf(plane, record.run), recorded["held"]);
});

test("a run on hold that is aborted goes back at once", async () => {
  const service = aService();
  const plane = openPlane(store, startAt, [service]);
  plane.target.setTraffic({ environment: "prod", service }, { perSecond: 0 });
  const id = await plane.request(service);
  await plane.engine.settle();
  const aborted = await plane.abort(
    { id, reason: "no" },
    { actor: { person: "ann", account: "ann", method: "token" }, requestId: "a" },
  );
  assert.ok(aborted.ok);
  await plane.engine.settle();
  const { record } = await viewOf(id);
  assert.equal(record.state, "aborted");
  assert.match(record.outcome ?? "", /ann decided to go back/);
});

test("a target that gives no metrics makes the run hold, not pass", async () => {
  const service = aService();
  const { view } = await play(service, 0, ({ target }) =>
    target.faults.inject("traffic", { kind: "unreachable" }, 1000),
  );
  assert.equal(view.record.state, "rolled-back");
  assert.match(view.record.outcome ?? "", /no metrics for 60 s/);
});

test("a version that never gets ready touches no user, and the former one keeps all the traffic", async () => {
  const service = aService();
  const { plane, view } = await play(service, 0, ({ target }) =>
    target.faults.inject("startVersion", { kind: "refused" }, 1),
  );
  assert.equal(view.record.state, "failed");
  assert.deepEqual(sharesOf(plane), []);
});

/** A run whose proxy meets a fault at the shift to this share, and what the proxy really does at its end. */
async function playFault(percent: number, fault: Fault, times: number) {
  const service = aService();
  const { plane, view } = await play(service, 0, ({ target }) => {
    const { shift } = target;
    let isArmed = false;
    Object.assign(target, {
      shift: (wish: Parameters<typeof shift>[0], command: Parameters<typeof shift>[1]) => {
        if (wish.percent === percent && !isArmed) target.faults.inject("shift", fault, times);
        isArmed ||= wish.percent === percent;
        return shift(wish, command);
      },
    });
  });
  const truth = plane.target.truth({ environment: "prod", service });
  const share = truth.find(({ version }) => version === "1.1.0")?.percent ?? 0;
  return { record: view.record, timeline: view.timeline, share, shares: sharesOf(plane) };
}

test("a proxy that refuses a share ends the run on the former version, with its reason, verified at the proxy", async () => {
  const { record, timeline, share } = await playFault(50, { kind: "refused" }, 1);
  assert.equal(record.state, "rolled-back");
  assert.match(record.outcome ?? "", /The target refuses the call.* is verified live at the target/);
  assert.deepEqual([record.percent, share], [0, 0]);
  const verified = timeline.find(({ name }) => name === "verify former version");
  assert.match(verified?.sentence ?? "", /is live at the target with 100 % of the traffic/);
});

test("a proxy that takes no command any more calls a person, and the record says the share that is there", async () => {
  const { record, share } = await playFault(50, { kind: "refused" }, 1_000);
  assert.equal(record.state, "needs-human");
  assert.match(record.outcome ?? "", /The target refuses the call/);
  assert.deepEqual([record.percent, share], [5, 5]);
});

test("a command that is lost, or whose answer is, is asked for again under its key, and takes effect once", async () => {
  for (const kind of ["unreachable", "lost-answer", "garbage"] as const) {
    const { record, share, shares } = await playFault(50, { kind }, 2);
    assert.equal(record.state, "succeeded", `${kind}: ${record.outcome ?? ""}`);
    assert.equal(share, 100, kind);
    assert.deepEqual(
      shares.map((detail) => detail.split(" ")[1]),
      ["5", "50", "100"],
      kind,
    );
  }
});

test("a proxy that says it did what it did not is found out before the version is called live", async () => {
  const { record, share } = await playFault(100, { kind: "lie" }, 1);
  assert.equal(record.state, "rolled-back", record.outcome ?? "");
  assert.match(record.outcome ?? "", /The target shows ready with 50 %/);
  assert.deepEqual([record.percent, share], [0, 0]);
});

test("an abort while it runs takes the traffic back before the deployment ends", async () => {
  const service = aService();
  const plane = openPlane(store, startAt, [service]);
  const id = await plane.request(service);
  await plane.abort(
    { id, reason: "changed our minds" },
    { actor: { person: "ann", account: "ann", method: "token" }, requestId: "r" },
  );
  await plane.engine.settle();
  await plane.engine.drain();
  const { record } = await viewOf(id);
  assert.equal(record.state, "cancelled");
  assert.deepEqual(plane.target.ledger, []);
});

test("a request that is repeated under its key finds what it made, even when that has ended since", async () => {
  const service = aService();
  const plane = openPlane(store, startAt, [service]);
  const first = await plane.request(service, "key-1");
  await plane.engine.settle();
  await plane.engine.drain();
  assert.equal((await viewOf(first)).record.state, "succeeded");
  assert.equal(await plane.request(service, "key-1"), first);
  await assert.rejects(plane.request(service, "key-2"), /already-live/);
});

test("a run that ended without an outcome is found, and its traffic is taken back and verified", async () => {
  const service = aService();
  const plane = openPlane(store, startAt, [service]);
  plane.target.setTraffic({ environment: "prod", service }, { perSecond: 0 });
  const id = await plane.request(service);
  await plane.engine.settle();
  const held = await viewOf(id);
  assert.equal(held.record.percent, 5);
  assert.equal(await plane.rescue(), 0, "a run that waits for a person is not lost");
  // As if somebody had cancelled the run in the engine: it is gone, the deployment is not.
  const other = openPlane(store, startAt, [service]);
  await other.target.shift(
    { environment: "prod", service, version: "1.1.0", control: "1.0.0", percent: 5 },
    { key: "k", fence: held.record.fence ?? 0 },
  );
  assert.equal(await other.rescue(), 1);
  assert.equal(await other.rescue(), 0);
  await other.engine.settle();
  const { record } = await viewOf(id);
  assert.equal(record.state, "rolled-back");
  assert.match(record.outcome ?? "", /^Its run ended without an outcome\. .* is verified live at the target\.$/);
});

test("a run that dies at any point at which it can die comes to the same end, and every effect happens once", async () => {
  const calm = await play(aService(), 0);
  const points = calm.plane.engine.points();
  assert.ok(points >= 30, `only ${points} points of death were found`);
  const expected = calm.view.timeline.map(({ name, phase }) => `${name} ${phase}`);
  for (let death = 1; death <= points; death++) {
    const { plane, view } = await play(aService(), death);
    assert.equal(view.record.state, "succeeded", `death at point ${death}: ${view.record.outcome ?? ""}`);
    assert.deepEqual(
      view.timeline.map(({ name, phase }) => `${name} ${phase}`),
      expected,
      `death at point ${death}`,
    );
    const applied = plane.target.ledger.filter(({ outcome }) => outcome === "applied").map(({ key }) => key);
    assert.equal(new Set(applied).size, applied.length, `an effect was applied twice at point ${death}`);
    assert.equal(
      applied.length,
      calm.plane.target.ledger.filter(({ outcome }) => outcome === "applied").length,
      `death at point ${death}`,
    );
  }
});

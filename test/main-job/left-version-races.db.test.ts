import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Observation } from "#connectors/port.ts";
import { ok } from "#core/result.ts";
import { makeDecideOnSessions } from "#usecases/rollout/decide-on-sessions.ts";
import { leftOf } from "#usecases/rollout/left-version.ts";
import { makeReleaseLeft } from "#usecases/rollout/release-left.ts";
import { openPlane, openStore } from "#test/main-job/bench.ts";
import type { TestStore } from "#test/support/store.ts";

const startAt = Temporal.Instant.from("2026-11-02T12:00:00Z");
const ann = { actor: { person: "ann", account: "ann", method: "token" }, requestId: "end", key: null } as const;
const lock = "environment:prod";
let store: TestStore;

before(async () => {
  store = await openStore(2, startAt);
});
after(() => store[Symbol.asyncDispose]());

/** 1.0.0 was left running with three sessions; what the target shows of it is up to the test. */
async function leftRunning(
  service: string,
  shows: (states: Observation["versions"]) => Promise<Observation["versions"]>,
) {
  const plane = openPlane(store, startAt, [service]);
  const id = await plane.request(service);
  await plane.engine.settle();
  await plane.engine.drain();
  const { clock, transact } = plane;
  const place = { deployment: id, service, environment: "prod", control: "1.0.0" };
  const sessions = { idleSeconds: 60, drainSeconds: 600 };
  const open = { ...leftOf(place, clock.now()), sessions, askAt: clock.now().add({ hours: 1 }) };
  await transact((records) => records.leftVersions.insert(open));
  const running = { version: "1.0.0", digest: "sha256:1", state: "ready", percent: 0 } as const;
  const can = {
    driver: "x",
    finestPercent: 1,
    exactWithin: 1,
    mostVersions: 2,
    sticky: true,
    cohorts: false,
    losesNothing: true,
  };
  const observe = async () =>
    ok({
      versions: await shows([running]),
      observedAt: clock.now().toString(),
      routing: { can, sticky: true, cohorts: {}, sessions: { "1.0.0": 3 } },
    });
  const release = makeReleaseLeft({ now: clock.now, transact, deployer: { ...plane.target, observe } });
  const left = async () => (await transact((records) => records.leftVersions.of(id)))[0];
  return { plane, id, release, left };
}

test("a decision that is taken while the target is looked at is not undone by that look", async () => {
  let decide: () => Promise<unknown> = () => Promise.resolve();
  const { plane, id, release, left } = await leftRunning("s0", async (versions) => {
    await decide();
    return versions;
  });
  const decideOnSessions = makeDecideOnSessions({ now: plane.clock.now, transact: plane.transact });
  decide = async () => {
    decide = () => Promise.resolve();
    assert.ok((await decideOnSessions({ deployment: id, decision: "end", reason: "It is late." }, ann)).ok);
  };
  assert.equal(await release(), 1);
  assert.equal((await left())?.endWantedBy, "ann");
});

test("the lock of a worker that died behind the stop is free again with the next look", async () => {
  const { plane, id, release, left } = await leftRunning("s1", () => Promise.resolve([]));
  await plane.transact((records) => records.locks.take(lock, id, null));
  assert.equal(await release(), 1);
  assert.equal((await left())?.ended?.how, "gone");
  const taken = await plane.transact((records) => records.locks.take(lock, "another", null));
  assert.ok(taken.taken);
});

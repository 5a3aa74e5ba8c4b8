import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { DeploymentId } from "#core/id.ts";
import { makeListLiveAsks } from "#usecases/rollout/live-asks.ts";
import { openPlane, openStore, organisationOf, type Plane } from "#test/main-job/bench.ts";
import { documentsOf } from "#test/support/configuration.ts";
import type { TestStore } from "#test/support/store.ts";

const startAt = Temporal.Instant.from("2026-11-02T12:00:00Z");
let store: TestStore;

const more = `kind: Team
metadata: { name: night }
spec: { unit: retail }
---
kind: Person
metadata: { name: olga }
spec: { teams: [web], roles: [operator], accounts: [{ name: olga, kind: human }] }
---
kind: Person
metadata: { name: nora }
spec: { teams: [night], roles: [operator], accounts: [{ name: nora, kind: human }] }
---
kind: Service
metadata: { name: s1 }
spec: { unit: retail, team: web, tier: 2, rollout: { writers: many, sessions: sticky } }
---
kind: Service
metadata: { name: s2 }
spec: { unit: retail, team: web, tier: 2 }
---
kind: Rollback
metadata: { name: s2 }
spec: { service: s2, triggers: [It fails.], steps: [It goes back.], decision: { decider: nora } }
---
kind: Strategy
metadata: { name: green }
spec:
  scope: { services: [s1] }
  priority: 5
  method: blue-green
  sessions: { idleSeconds: 5, drainSeconds: 90 }
  holdSeconds: 20
  stages: [{ percent: 100, minSeconds: 5, maxSeconds: 60, minRequests: 1 }]`;

before(async () => {
  const plain = organisationOf(3).filter(({ name }) => name !== "s1" && name !== "s2");
  store = await openStore(3, startAt, [...plain, ...documentsOf(more)]);
});
after(() => store[Symbol.asyncDispose]());

const can = { driver: "embedded", finestPercent: 0.1, exactWithin: 0.1, mostVersions: 2, losesNothing: true };
const routing = { can: { ...can, sticky: true, cohorts: true }, sticky: false, cohorts: {} };
const olga = { actor: { person: "olga", account: "olga", method: "token" }, requestId: "req-olga", key: null } as const;

async function requested(service: string, prepare: (plane: Plane) => void) {
  const plane = openPlane(store, startAt, [service], { routing });
  prepare(plane);
  const id = await plane.request(service);
  await plane.engine.settle();
  return { plane, id };
}

/** What the inbox of each of these has of it. */
async function asksOf({ clock, transact }: Plane, id: DeploymentId) {
  const list = makeListLiveAsks({ now: clock.now, transact });
  const { people } = await transact((records) => records.catalog.inForce());
  return Object.fromEntries(
    await Promise.all(
      ["ann", "olga", "nora"].map(async (name) => {
        const person = people.get(name);
        assert.ok(person);
        return [name, (await list(person)).filter(({ deployment }) => deployment === id)] as const;
      }),
    ),
  );
}

const kindsOf = (asks: Awaited<ReturnType<typeof asksOf>>) =>
  Object.fromEntries(Object.entries(asks).map(([name, found]) => [name, found.map(({ kind }) => kind)]));

const quiet = (service: string) => (plane: Plane) =>
  plane.target.setTraffic({ environment: "prod", service }, { perSecond: 0 });

test("a run on hold about which nobody is named asks everybody who may decide, until somebody has", async () => {
  const { plane, id } = await requested("s0", quiet("s0"));
  const asks = await asksOf(plane, id);
  assert.deepEqual(kindsOf(asks), { ann: [], olga: ["held"], nora: ["held"] });
  const [ask] = asks["olga"] ?? [];
  assert.match(ask?.sentence ?? "", /^s0@1\.1\.0 in prod: Holds at 5 %: .* it goes back by itself at/);
  assert.ok(ask !== undefined && ask.until !== null);
  assert.equal(ask.since.until(ask.until).total("minutes"), 30);
  assert.ok((await plane.decideHeld({ id, decision: "go-back", reason: "quiet" }, olga)).ok);
  assert.deepEqual(kindsOf(await asksOf(plane, id)), { ann: [], olga: [], nora: [] });
  await plane.engine.settle();
  await plane.engine.drain();
});

test("where a protocol names who decides, nobody else is asked, and they are asked once", async () => {
  const { plane, id } = await requested("s2", quiet("s2"));
  assert.deepEqual(kindsOf(await asksOf(plane, id)), { ann: [], olga: [], nora: ["decide"] });
  await plane.engine.drain();
});

test("sessions of a version that was left running are asked about while the question stands", async () => {
  const { plane, id } = await requested("s1", ({ target, clock }) => {
    const until = Math.floor(clock.now().epochMilliseconds / 1000) + 100_000;
    target.setSessions({ environment: "prod", service: "s1" }, "1.0.0", until, 3);
  });
  await plane.engine.drain();
  const kinds = async () => kindsOf(await asksOf(plane, id));
  const look = async (seconds: number): Promise<void> => {
    plane.clock.advance(Temporal.Duration.from({ seconds }));
    await plane.releaseLeft();
  };
  const nobody = { ann: [], olga: [], nora: [] };
  assert.deepEqual(await kinds(), nobody, "nobody has asked yet");
  await look(30);
  const asks = await asksOf(plane, id);
  assert.deepEqual(kindsOf(asks), { ann: [], olga: ["sessions"], nora: [] }, "ann may not decide, nora was not told");
  assert.match(asks["olga"]?.[0]?.sentence ?? "", /^s1@1\.0\.0 in prod still has 3 sessions\./);
  const decide = (decision: "end" | "wait") =>
    plane.decideOnSessions({ deployment: id, decision, reason: "The fair." }, olga);
  assert.ok((await decide("wait")).ok);
  assert.deepEqual(await kinds(), nobody, "it is waited for");
  await look(120);
  assert.deepEqual(await kinds(), { ann: [], olga: ["sessions"], nora: [] }, "asked again");
  assert.ok((await decide("end")).ok);
  assert.deepEqual(await kinds(), nobody);
  await look(10);
  assert.deepEqual(await kinds(), nobody);
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { DeploymentId } from "#core/id.ts";
import { admitDeps, startRunWith } from "#main/bind-operations.ts";
import { applyDocuments } from "#store/configuration.ts";
import { transaction } from "#store/sql.ts";
import { makeRollBackDeployment } from "#usecases/rollout/roll-back-deployment.ts";
import { openPlane, openStore, organisationOf, type Plane } from "#test/main-job/bench.ts";
import { documentsOf } from "#test/support/configuration.ts";
import type { TestStore } from "#test/support/store.ts";

const startAt = Temporal.Instant.from("2026-11-02T12:00:00Z");
const ann = { actor: { person: "ann", account: "ann", method: "token" }, requestId: "req-back" } as const;
const target = { environment: "prod" } as const;
const can = { driver: "embedded", finestPercent: 0.1, exactWithin: 0.1, mostVersions: 2, losesNothing: true };
const routing = { can: { ...can, sticky: true, cohorts: true }, sticky: false, cohorts: {} };
let store: TestStore;

const methods = `kind: Service
metadata: { name: s1 }
spec: { unit: retail, team: web, tier: 2, rollout: { writers: many, sessions: sticky } }
---
kind: Service
metadata: { name: s2 }
spec: { unit: retail, team: web, tier: 2, rollout: { writers: single, downtimeSeconds: 60 } }
---
kind: Strategy
metadata: { name: green }
spec:
  scope: { services: [s1] }
  priority: 5
  method: blue-green
  sessions: { idleSeconds: 5, drainSeconds: 10 }
  holdSeconds: 20
  stages: [{ percent: 100, minSeconds: 5, maxSeconds: 60, minRequests: 1 }]
---
kind: Strategy
metadata: { name: swap }
spec:
  scope: { services: [s2] }
  priority: 5
  method: stop-start
  stages: [{ percent: 100, minSeconds: 5, maxSeconds: 60, minRequests: 1 }]
---
kind: Strategy
metadata: { name: careful-back }
spec:
  scope: { services: [s3], actions: [roll-back] }
  stages:
    - { percent: 50, minSeconds: 5, maxSeconds: 60, minRequests: 5 }
    - { percent: 100, minSeconds: 5, maxSeconds: 60, minRequests: 5 }`;

/** In force from when everything is live: nothing goes forward any more. */
const shut = `kind: Window
metadata: { name: by-night }
spec: { scope: {}, zone: Europe/Berlin, start: 2026-01-01T02:00, rrule: FREQ=DAILY, end: "03:00" }
---
kind: ApprovalRoute
metadata: { name: by-two }
spec: { scope: {}, approvals: 2, roles: [approver] }`;

const services = 6;
const lives = new Map<string, Live>();

function documents(...more: readonly string[]) {
  const plain = organisationOf(services).filter(({ name }) => name !== "s1" && name !== "s2");
  return [...plain, ...documentsOf([methods, ...more].join("\n---\n"))];
}

before(async () => {
  store = await openStore(services, startAt, documents());
  for (let index = 0; index < services; index++) lives.set(`s${index}`, await goneLive(`s${index}`));
  const change = { documents: documents(shut), at: startAt, by: "ann" };
  await transaction(store.pool, (client) => applyDocuments(client, change));
});
after(() => store[Symbol.asyncDispose]());

function lifeOf(service: string): Live {
  const live = lives.get(service);
  assert.ok(live !== undefined);
  return live;
}

interface Live {
  readonly plane: Plane;
  readonly id: DeploymentId;
  readonly rollBack: (id: DeploymentId) => Promise<DeploymentId>;
  readonly linesOf: (id: DeploymentId) => Promise<readonly string[]>;
}

/** 1.1.0 is live, and nobody uses it any more: no second of evidence comes. */
async function goneLive(service: string): Promise<Live> {
  const plane = openPlane(store, startAt, [service], { routing });
  const deps = admitDeps(plane.clock.now, startRunWith(plane.engine.starter));
  const rollBack = makeRollBackDeployment({ ...deps, transact: plane.transact });
  const id = await plane.request(service);
  await plane.engine.settle();
  await plane.engine.drain();
  assert.equal(await stateOf(id), "succeeded", service);
  plane.clock.advance(Temporal.Duration.from({ minutes: 1 }));
  plane.target.setTraffic({ ...target, service }, { perSecond: 0 });
  return {
    plane,
    id,
    rollBack: async (back) => {
      const asked = await rollBack({ id: back, reason: "It fails." }, ann);
      assert.ok(asked.ok, JSON.stringify(asked));
      await plane.engine.settle();
      return asked.value;
    },
    linesOf: async (deployment) => (await store.views.deployment(deployment))?.timeline.map(({ name }) => name) ?? [],
  };
}

const stateOf = async (id: DeploymentId): Promise<string | undefined> =>
  (await store.transact((records) => records.deployments.find(id)))?.state;

function liveAt({ plane }: Live, service: string): string | undefined {
  return plane.target.truth({ ...target, service }).find(({ percent }) => percent === 100)?.version;
}

test("out of hours, with nobody's consent and no request to judge by, all the traffic goes back in one shift", async () => {
  const live = lifeOf("s0");
  const askedAt = live.plane.clock.now();
  const back = await live.rollBack(live.id);
  assert.deepEqual([await stateOf(back), liveAt(live, "s0")], ["succeeded", "1.0.0"]);
  assert.ok(askedAt.until(live.plane.clock.now()).total("seconds") < 1, "nothing was waited for");
  const lines = await live.linesOf(back);
  assert.deepEqual(
    lines.filter((name) => /^(shift|watch|hold|verify)/.test(name)),
    ["shift to 100 %", "verify live"],
  );
  const began = (await store.views.deployment(back))?.timeline.find(({ name }) => name === "take the lock");
  assert.match(
    began?.sentence ?? "",
    /At once to 100 %, because it is a way back: the default, as no strategy for roll-back goes before short\.$/,
  );
});

test("a blue-green goes back without keeping sessions or a colour at hand", async () => {
  const live = lifeOf("s1");
  const back = await live.rollBack(live.id);
  assert.deepEqual([await stateOf(back), liveAt(live, "s1")], ["succeeded", "1.0.0"]);
  assert.ok(!(await live.linesOf(back)).some((name) => name.startsWith("keep")));
});

test("two versions that would both write are never there at a time, on the way back neither", async () => {
  const live = lifeOf("s2");
  const back = await live.rollBack(live.id);
  assert.deepEqual([await stateOf(back), liveAt(live, "s2")], ["succeeded", "1.0.0"]);
  const lines = await live.linesOf(back);
  assert.ok(lines.indexOf("stop 1.1.0") < lines.indexOf("start version"), lines.join(", "));
});

test("a strategy that names the action is followed as it is written", async () => {
  const live = lifeOf("s3");
  live.plane.target.setTraffic({ ...target, service: "s3" }, { perSecond: 200 });
  const back = await live.rollBack(live.id);
  await live.plane.engine.drain();
  assert.equal(await stateOf(back), "succeeded");
  const shares = (await live.linesOf(back)).filter((name) => /^(shift|watch)/.test(name));
  assert.deepEqual(shares, ["shift to 50 %", "watch 50 %", "shift to 100 %", "watch 100 %"]);
});

test("a version that has crashed is no reason not to leave it", async () => {
  const live = lifeOf("s4");
  live.plane.target.crash({ ...target, service: "s4" }, "1.1.0");
  const back = await live.rollBack(live.id);
  assert.deepEqual([await stateOf(back), liveAt(live, "s4")], ["succeeded", "1.0.0"]);
  const looked = (await store.views.deployment(back))?.timeline.find(({ name }) => name === "preflight");
  assert.match(looked?.sentence ?? "", /s4@1\.1\.0 is recorded as live but is failed at the target/);
});

test("what a way back took away does not come again at once: it goes as everything new, and waits", async () => {
  const live = lifeOf("s5");
  const back = await live.rollBack(live.id);
  assert.equal(await stateOf(back), "succeeded");
  const again = await live.rollBack(back);
  const record = await store.transact((records) => records.deployments.find(again));
  assert.deepEqual([record?.subject.action, record?.subject.version, record?.state], ["deploy", "1.1.0", "waiting"]);
});

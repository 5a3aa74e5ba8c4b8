import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { DeploymentId } from "#core/id.ts";
import { admitDeps } from "#main/bind-operations.ts";
import { beginRun } from "#usecases/rollout/begin-run.ts";
import { makeRollBackDeployment } from "#usecases/rollout/roll-back-deployment.ts";
import { openPlane, openStore, type Plane } from "#test/main-job/bench.ts";
import { aDigest, type TestStore } from "#test/support/store.ts";

const startAt = Temporal.Instant.from("2026-11-02T12:00:00Z");
const ann = { actor: { person: "ann", account: "ann", method: "token" }, requestId: "req-back" } as const;
let store: TestStore;

before(async () => {
  store = await openStore(2, startAt);
});
after(() => store[Symbol.asyncDispose]());

/** 1.1.0 is live, and its way back was asked for; its run has not begun. */
async function askedBack(service: string): Promise<{ readonly plane: Plane; readonly back: DeploymentId }> {
  const plane = openPlane(store, startAt, [service]);
  const deps = admitDeps(plane.clock.now, () => Promise.resolve(`run of ${service}`));
  const id = await plane.request(service);
  await plane.engine.settle();
  await plane.engine.drain();
  plane.clock.advance(Temporal.Duration.from({ minutes: 1 }));
  const rollBack = makeRollBackDeployment({ ...deps, transact: plane.transact });
  const asked = await rollBack({ id, reason: "slow" }, ann);
  assert.ok(asked.ok, JSON.stringify(asked));
  plane.clock.advance(Temporal.Duration.from({ minutes: 1 }));
  return { plane, back: asked.value };
}

async function begin({ clock, transact }: Plane, id: DeploymentId): Promise<string> {
  const begun = await transact((records) =>
    beginRun(
      admitDeps(clock.now, () => Promise.resolve("")),
      records,
      id,
    ),
  );
  return begun.go ? "go" : begun.because;
}

test("a way back takes nothing back that went live after it was asked for", async () => {
  const { plane, back } = await askedBack("s1");
  const live = { service: "s1", environment: "prod", version: "1.2.0", digest: aDigest, deployment: null };
  await plane.transact((records) => records.inventory.record({ ...live, at: plane.clock.now() }));
  assert.equal(await begin(plane, back), "content-changed");
  const record = await plane.transact((records) => records.deployments.find(back));
  assert.deepEqual([record?.state, record?.endedAt === null], ["rejected", false]);
  assert.match(record?.outcome ?? "", /^Another version has gone live since/);
  const isFree = await plane.transact(async (records) => {
    const { taken } = await records.locks.take("environment:prod", "somebody-else", null);
    await records.locks.release("environment:prod", "somebody-else");
    return taken;
  });
  assert.ok(isFree, "the place is free again");
});

test("a way back begins while what it was asked about is live", async () => {
  const { plane, back } = await askedBack("s0");
  assert.equal(await begin(plane, back), "go");
});

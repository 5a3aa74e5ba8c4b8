import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fakeDeployer } from "#connectors/fake/deployer.ts";
import { rolloutDeps } from "#main/bind-operations.ts";
import { systemClock } from "#runtime/clock.ts";
import { aDeployment, freshStore, insertDeployment, type TestStore } from "#test/support/store.ts";
import { noSource } from "#usecases/criteria/sources.ts";
import type { Transact } from "#usecases/records.ts";

let store: TestStore;
before(async () => {
  store = await freshStore();
});
after(() => store[Symbol.asyncDispose]());

test("A store without a free connection is waited out: it says nothing about the version that is watched", async () => {
  const deployment = await insertDeployment(store, aDeployment({}, { service: "watched" }));
  let refusals = 3;
  const transact: Transact = (body) => {
    if (refusals-- > 0) return Promise.reject(new Error("timeout exceeded when trying to connect"));
    return store.transact(body);
  };
  const deployer = fakeDeployer({ now: systemClock.now, programs: [], live: [] });
  const deps = rolloutDeps(transact, systemClock.now, deployer, noSource("prometheus", "TIDEGATE_PROMETHEUS"));
  assert.equal(await deps.keepSight({ deployment, samples: [], looks: [] }), null);
  assert.ok(refusals < 0, "it was asked again until there was a connection");
});

test("What is seen of many runs at once is kept with each, and whoever asked to abort one is told to that one alone", async () => {
  const one = await insertDeployment(store, aDeployment({}, { service: "one" }));
  const other = await insertDeployment(store, aDeployment({}, { service: "other" }));
  await store.transact((records) => records.deployments.note(other, { abortRequestedBy: "olga" }));
  const deployer = fakeDeployer({ now: systemClock.now, programs: [], live: [] });
  const deps = rolloutDeps(store.transact, systemClock.now, deployer, noSource("prometheus", "TIDEGATE_PROMETHEUS"));
  const sample = (requests: number) =>
    ({ second: 1_793_000_000, arm: "canary", requests, errors: 0, p95Ms: null }) as const;
  const answers = await Promise.all([
    deps.keepSight({ deployment: one, samples: [sample(1)], looks: [] }),
    deps.keepSight({ deployment: other, samples: [sample(2)], looks: [] }),
  ]);
  assert.deepEqual(answers, [null, "olga"]);
  assert.deepEqual(await store.views.traffic(one), [sample(1)]);
  assert.deepEqual(await store.views.traffic(other), [sample(2)]);
});

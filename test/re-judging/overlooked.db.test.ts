import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "#runtime/ids.ts";
import { wakeConcerned } from "#store/deployment-wake.ts";
import { execute, sql, transaction } from "#store/sql.ts";
import { openCalendarPlane } from "#test/support/calendar-plane.ts";
import { blocked } from "#test/support/blocked.ts";
import { at } from "#test/support/store.ts";

const world = `
kind: Unit
metadata: { name: retail }
spec: {}
---
kind: Team
metadata: { name: checkout }
spec: { unit: retail }
---
kind: Service
metadata: { name: checkout-api }
spec: { unit: retail, team: checkout, tier: 3 }
---
kind: Environment
metadata: { name: prod-emea }
spec: { zone: UTC, windows: optional }
---
kind: ApprovalRoute
metadata: { name: nobody }
spec: { scope: {}, approvals: 0 }
`;
const key = "environment:prod-emea";

test("work that begins to wait while the lock is let go is not overlooked, though nobody could wake it", async () => {
  await using plane = await openCalendarPlane(world, at("2026-04-01T10:00:00Z"));
  const { store, clock } = plane;
  const holder = newId<"DeploymentId">("deployment");
  await store.transact((records) => records.locks.take(key, holder, null));
  // The request has judged and stops before its commit, for it cannot write its booking.
  const judged = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  const stopped = transaction(store.pool, async (client) => {
    await execute(client, sql`lock table booking in share mode`);
    judged.resolve();
    await letGo.promise;
  });
  await judged.promise;
  const requesting = plane.request("checkout-api", "1.0.0");
  await blocked(store.pool, 1);
  await store.transact((records) => records.locks.release(key, holder));
  const about = { services: null, environments: ["prod-emea"], digest: null };
  await transaction(store.pool, (client) => wakeConcerned(client, about, clock.now));
  letGo.resolve();
  await stopped;
  const id = await requesting;
  const stateOf = async () => (await store.transact((records) => records.deployments.find(id)))?.state;
  assert.equal(await stateOf(), "waiting", "it was judged while the lock was held");
  await plane.sweep();
  assert.equal(await stateOf(), "queued");
});

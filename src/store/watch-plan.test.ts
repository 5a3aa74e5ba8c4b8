import assert from "node:assert/strict";
import { test } from "node:test";
import type { Trigger } from "#core/rollout/triggers.ts";
import type { Watch } from "#core/rollout/watch.ts";
import { toStoredPlan, watchPlan } from "#store/watch-plan.ts";

const errors: Trigger = {
  name: "errors",
  kind: "errors",
  above: 2,
  breaches: 3,
  of: 5,
  minRequests: 20,
  evidence: null,
};
const orders: Trigger = {
  ...errors,
  name: "orders",
  kind: "metric",
  metric: {
    source: "telemetry",
    query: "orders",
    unit: "orders/s",
    worse: "lower",
    freshSeconds: 120,
    whenAbsent: "unknown",
  },
};
const stabilisation = { lastsSeconds: 60, alerts: [orders], watcher: null, checkInSeconds: null, escalate: null };
const watch: Watch = {
  name: "w",
  scope: { tiers: [1] },
  priority: 0,
  armedSeconds: 1800,
  triggers: [errors, { ...orders, name: "slow-orders" }],
  stabilisation,
};

const roundTrip = (stored: unknown): Watch => watchPlan.parse(JSON.parse(JSON.stringify(stored)));

test("a plan comes back as it was stored", () => {
  assert.deepEqual(roundTrip(toStoredPlan(watch)), watch);
  assert.deepEqual(roundTrip(toStoredPlan({ ...watch, stabilisation: null })), { ...watch, stabilisation: null });
});

test("workers of the version before find only what they know, and what they stored is read", () => {
  const stored = JSON.stringify(toStoredPlan(watch));
  const seen: { readonly triggers: unknown; readonly stabilisation: { readonly alerts: unknown } } = JSON.parse(stored);
  assert.deepEqual([seen.triggers, seen.stabilisation.alerts], [[errors], []]);
  const old = { ...watch, triggers: [errors], stabilisation: { ...stabilisation, alerts: [errors] } };
  assert.deepEqual(roundTrip(old), old);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Signal } from "#core/release/state.ts";
import { healthOf } from "./health.ts";

const at = (text: string): Temporal.Instant => Temporal.Instant.from(`2026-03-25T${text}Z`);
const signal = (given: Partial<Signal>): Signal => ({
  service: "checkout",
  environment: "prod",
  status: "ok",
  since: at("08:00"),
  clearedFrom: null,
  event: null,
  ...given,
});
const health = (...signals: readonly Signal[]) =>
  healthOf({ service: "checkout", environment: "prod", signals, from: at("09:00"), zone: null });

test("well counts from the begin of watching, or from when it became well again", () => {
  assert.deepEqual(health(signal({})), { kind: "well", since: at("09:00") });
  assert.deepEqual(health(signal({ since: at("09:20"), clearedFrom: "degraded" })), {
    kind: "well",
    since: at("09:20"),
  });
});

test("what is bad there, or everywhere, is named; what is bad elsewhere does not count", () => {
  const bad = health(signal({}), signal({ environment: null, status: "outage", event: "pager P1" }));
  assert.deepEqual(bad, {
    kind: "unwell",
    because: "checkout has an outage in prod since 2026-03-25T08:00Z (pager P1).",
  });
  assert.equal(health(signal({}), signal({ environment: "test", status: "degraded" })).kind, "well");
  assert.equal(health(signal({}), signal({ service: "other", status: "degraded" })).kind, "well");
});

test("silence is no health", () => {
  assert.deepEqual(health(), { kind: "unknown", because: "Nobody reports how checkout is in prod." });
  assert.equal(health(signal({ status: "unknown" })).kind, "unknown");
});

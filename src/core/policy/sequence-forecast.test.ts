import assert from "node:assert/strict";
import { test } from "node:test";
import { forecastSequence } from "#core/policy/sequence-forecast.ts";
import { at } from "#core/testing.ts";

const environment = "prod";
const now = at("2026-03-25T00:00Z");
const hours = (count: number): Temporal.Duration => Temporal.Duration.from({ hours: count });
const release = (name: string, after: readonly string[], soak: number) => ({
  name,
  service: name,
  versions: ">=2",
  after,
  soak: hours(soak),
});
// Written out of order: what goes before what says `after`.
const sequence = {
  name: "one",
  owner: "t",
  environments: ["*"],
  releases: [
    release("web", ["api", "docs"], 0),
    release("api", ["db"], 2),
    release("docs", [], 1),
    release("db", [], 24),
  ],
};
const live = (service: string, version: string, since: string) => ({ service, version, environment, since: at(since) });
const booking = (service: string, from: string, to: string) => ({
  id: null,
  service,
  version: "2.0.0",
  environment,
  from: at(from),
  to: at(to),
});

function forecast(deployed: readonly ReturnType<typeof live>[], bookings: readonly ReturnType<typeof booking>[] = []) {
  const setbacks = [{ service: "db", version: "2.0.0", environment, at: at("2026-03-24T23:00Z") }];
  const found = forecastSequence(sequence, { at: now, deployed, bookings, environment }, setbacks, () => hours(1));
  return found.map(({ release: { name }, state, readyAt, isCritical }) => [
    name,
    state,
    readyAt.toString().slice(5, 13),
    ...(isCritical ? ["critical"] : []),
  ]);
}

test("what comes back upstream moves everything behind it, along the critical path", () => {
  assert.deepEqual(forecast([live("docs", "2.1.0", "2026-03-24T00:00Z"), live("db", "1.9.0", "2026-03-24T23:00Z")]), [
    ["web", "missing", "03-26T05", "critical"],
    ["api", "missing", "03-26T04", "critical"],
    ["docs", "ready", "03-24T01"],
    ["db", "back", "03-26T01", "critical"],
  ]);
});

test("a booking dates a release, and never before what goes before it is ready", () => {
  const db = live("db", "2.0.0", "2026-03-24T12:00Z");
  const bookings = [
    booking("api", "2026-03-25T06:00Z", "2026-03-25T08:00Z"),
    booking("docs", "2026-03-27T00:00Z", "2026-03-27T01:00Z"),
  ];
  assert.deepEqual(forecast([db], bookings), [
    ["web", "missing", "03-27T03", "critical"],
    ["api", "booked", "03-25T16"],
    ["docs", "booked", "03-27T02", "critical"],
    ["db", "soaking", "03-25T12"],
  ]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { fitOf, projectionOf, serving, versionsAt } from "#core/policy/version-set.ts";
import { at } from "#core/testing.ts";

const environment = "prod-emea";

function live(version: string, since: string) {
  return { service: "pricing", version, environment, since: at(since) };
}

test("what was deployed last counts, not what was there before; since the same instant both run", () => {
  const inventory = { bookings: [], environment, at: at("2026-03-01T00:00Z") };
  const deployed = [live("1.0.0", "2026-01-01T00:00Z"), live("2.0.0", "2026-02-01T00:00Z")];
  assert.deepEqual(projectionOf("pricing", { ...inventory, deployed }).live, ["2.0.0"]);
  const both = [...deployed, live("2.1.0", "2026-02-01T00:00Z")];
  assert.deepEqual(projectionOf("pricing", { ...inventory, deployed: both }).live, ["2.0.0", "2.1.0"]);
});

test("a booked deployment runs beside the old version from its start and alone from its end", () => {
  const booking = {
    id: null,
    service: "pricing",
    version: "2.0.0",
    environment,
    from: at("2026-03-02T00:00Z"),
    to: at("2026-03-02T01:00Z"),
  };
  const inventory = { bookings: [booking], environment, at: at("2026-03-01T00:00Z") };
  const grown = projectionOf("pricing", { ...inventory, deployed: [live("1.0.0", "2026-01-01T00:00Z")] });
  const servingAt = (moment: string) => serving(versionsAt(grown, at(moment)));
  assert.deepEqual(servingAt("2026-03-01T23:59:59Z"), ["1.0.0"]);
  assert.deepEqual(servingAt("2026-03-02T00:00Z"), ["1.0.0", "2.0.0"]);
  assert.deepEqual(servingAt("2026-03-02T01:00Z"), ["2.0.0"]);
  const first = projectionOf("pricing", { ...inventory, deployed: [] });
  assert.deepEqual(serving(versionsAt(first, at("2026-03-02T00:30Z"))), []);
});

test("one version that cannot be read spoils the fit, one outside too", () => {
  assert.equal(fitOf(">=2", ["2.0.0", "3.0.0"]), "fits");
  assert.equal(fitOf(">=2", ["1.0.0", "3.0.0"]), "unfitting");
  assert.equal(fitOf(">=2", ["1.0.0", "newest"]), "unreadable");
  assert.equal(fitOf("newest", ["1.0.0"]), "unreadable");
});

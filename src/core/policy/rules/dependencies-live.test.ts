import assert from "node:assert/strict";
import { test } from "node:test";
import { dependenciesLive } from "#core/policy/rules/dependencies-live.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { aService, at, someFacts } from "#core/testing.ts";

const environment = "prod-emea";
const service = aService({
  dependsOn: [
    { on: "pricing", kind: "sync", versions: ">=3.2" },
    { on: "stock", kind: "data", versions: null },
    { on: "mail", kind: "message", versions: ">=9" },
  ],
});
const live = (name: string, version: string) => ({
  service: name,
  version,
  environment,
  since: at("2026-01-10T00:00Z"),
});
const booking = (version: string, from: string, to: string) => ({
  id: null,
  service: "pricing",
  version,
  environment,
  from: at(from),
  to: at(to),
});

test("dependencies-live passes with any version where no range is given", () => {
  const facts = someFacts({ service, deployed: [live("pricing", "3.2.0"), live("stock", "not-semver")] });
  assert.equal(valueAt(dependenciesLive.judge(facts), facts.at).outcome, "pass");
});

test("dependencies-live names every problem at once", () => {
  const facts = someFacts({ service, deployed: [live("pricing", "3.1.0")] });
  const judgement = valueAt(dependenciesLive.judge(facts), facts.at);
  assert.equal(
    judgement.sentence,
    "It needs pricing >=3.2 (sync), but prod-emea runs 3.1.0; no deployment that fits is booked; " +
      "stock (data), which is not live in prod-emea; no deployment that fits is booked.",
  );
  assert.ok("remedies" in judgement);
  assert.equal(judgement.remedies.length, 2);
});

test("dependencies-live follows the bookings: up, and down again", () => {
  const facts = someFacts({
    service,
    deployed: [live("pricing", "3.1.0"), live("stock", "1.0.0")],
    bookings: [
      booking("3.2.0", "2026-03-26T00:00Z", "2026-03-26T01:00Z"),
      booking("3.1.0", "2026-03-28T00:00Z", "2026-03-28T01:00Z"),
    ],
  });
  const timeline = dependenciesLive.judge(facts);
  for (const [now, outcome] of [
    ["2026-03-25T12:00Z", "wait"],
    ["2026-03-26T00:30Z", "wait"],
    ["2026-03-26T01:00Z", "pass"],
    ["2026-03-28T00:00Z", "deny"],
    ["2026-03-29T00:00Z", "deny"],
  ] as const) {
    assert.equal(valueAt(timeline, at(now)).outcome, outcome, now);
  }
});

test("what was deployed last counts, not what was there before", () => {
  const newer = { ...live("pricing", "3.1.0"), since: at("2026-02-01T00:00Z") };
  const facts = someFacts({ service, deployed: [live("pricing", "3.2.0"), newer, live("stock", "1.0.0")] });
  assert.equal(valueAt(dependenciesLive.judge(facts), facts.at).outcome, "deny");
});

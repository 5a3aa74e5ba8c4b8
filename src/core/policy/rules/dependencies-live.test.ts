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

test("dependencies-live asks that something is there, not which version", () => {
  const facts = someFacts({ service, deployed: [live("pricing", "1.0.0"), live("stock", "not-semver")] });
  assert.equal(valueAt(dependenciesLive.judge(facts), facts.at).outcome, "pass");
});

test("dependencies-live names every service that is missing at once", () => {
  const judgement = valueAt(dependenciesLive.judge(someFacts({ service })), at("2026-03-25T08:00Z"));
  assert.equal(
    judgement.sentence,
    "It needs pricing (sync), which is not live in prod-emea; no deployment is booked; " +
      "stock (data), which is not live in prod-emea; no deployment is booked.",
  );
  assert.deepEqual("remedies" in judgement && judgement.remedies.map(({ what }) => what), [
    "Deploy pricing >=3.2 to prod-emea.",
    "Deploy stock to prod-emea.",
  ]);
});

test("a booked first deployment counts from its end", () => {
  const bookings = [booking("3.2.0", "2026-03-26T00:00Z", "2026-03-26T01:00Z")];
  const timeline = dependenciesLive.judge(someFacts({ service, deployed: [live("stock", "1.0.0")], bookings }));
  for (const [now, outcome] of [
    ["2026-03-25T12:00Z", "wait"],
    ["2026-03-26T00:30Z", "wait"],
    ["2026-03-26T01:00Z", "pass"],
  ] as const) {
    assert.equal(valueAt(timeline, at(now)).outcome, outcome, now);
  }
});

test("what is live in another environment is not live here", () => {
  const elsewhere = { ...live("pricing", "3.2.0"), environment: "staging" };
  const facts = someFacts({ service, deployed: [elsewhere, live("stock", "1.0.0")] });
  assert.equal(valueAt(dependenciesLive.judge(facts), facts.at).code, "dependency-not-live");
});

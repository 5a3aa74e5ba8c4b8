import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "#core/policy/facts.ts";
import { versionsCompatible } from "#core/policy/rules/versions-compatible.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { aService, aSubject, at, someFacts } from "#core/testing.ts";

const environment = "prod-emea";
const needsPricing = (versions: string | null) => aService({ dependsOn: [{ on: "pricing", kind: "sync", versions }] });
const service = needsPricing(">=3.2");

function live(name: string, version: string, since = "2026-01-10T00:00Z") {
  return { service: name, version, environment, since: at(since) };
}

function booking(name: string, version: string, from: string, to: string) {
  return { id: null, service: name, version, environment, from: at(from), to: at(to) };
}

function judged(overrides: Partial<Facts>, now = "2026-03-25T08:00Z"): string {
  const { outcome, code } = valueAt(versionsCompatible.judge(someFacts({ service, ...overrides })), at(now));
  return `${outcome} ${code}`;
}

function web(versions: string | null) {
  return aService({ name: "web", dependsOn: [{ on: "cart", kind: "sync", versions }] });
}

for (const [title, overrides, expected] of [
  ["is silent where nobody names a range", { service: needsPricing(null) }, "not-applicable no-ranges"],
  ["passes inside of the range", { deployed: [live("pricing", "3.2.0")] }, "pass versions-fit"],
  [
    "knows that 2.10.0 is at least 2.9.0",
    { service: needsPricing(">=2.9.0"), deployed: [live("pricing", "2.10.0")] },
    "pass versions-fit",
  ],
  ["denies outside of it", { deployed: [live("pricing", "3.1.0")] }, "deny versions-unfitting"],
  ["says nothing of what is not live", { deployed: [] }, "pass versions-fit"],
  [
    "does not take what it cannot read for a fit",
    { deployed: [live("pricing", "latest")] },
    "unknown version-unreadable",
  ],
  [
    "does not take a range it cannot read for any",
    { service: needsPricing("newest"), deployed: [live("pricing", "3.2.0")] },
    "unknown version-unreadable",
  ],
  ["takes what is listed nowhere for fine", { deployed: "assumed" }, "not-applicable inventory-assumed"],
  ["cannot judge what cannot be read", { deployed: "unknown" }, "unknown inventory-unknown"],
  ["cannot judge an unknown service", { service: null }, "unknown ranges-unknown"],
  [
    "denies what a live dependant does not accept",
    { service: aService(), dependants: [web("<1.1.0")], deployed: [live("web", "7.0.0")] },
    "deny versions-unfitting",
  ],
  [
    "passes when the dependant accepts it",
    { service: aService(), dependants: [web("^1.0.0")], deployed: [live("web", "7.0.0")] },
    "pass versions-fit",
  ],
  [
    "does not ask a dependant that is not there",
    { service: aService(), dependants: [web("<1.1.0")], deployed: [] },
    "pass versions-fit",
  ],
  [
    "asks about rolling back as well",
    {
      service: aService(),
      dependants: [web(">=2")],
      deployed: [live("web", "7.0.0")],
      subject: aSubject({ action: "roll-back" }),
    },
    "deny versions-unfitting",
  ],
] as const) {
  test(`versions-compatible ${title}`, () => assert.equal(judged(overrides), expected));
}

test("it follows the bookings, up and down again, and both versions count while one replaces the other", () => {
  const facts = {
    deployed: [live("pricing", "3.1.0")],
    bookings: [
      booking("pricing", "3.2.0", "2026-03-26T00:00Z", "2026-03-26T01:00Z"),
      booking("pricing", "3.1.0", "2026-03-28T00:00Z", "2026-03-28T01:00Z"),
    ],
  };
  for (const [now, expected] of [
    ["2026-03-25T12:00Z", "wait fitting-booked"],
    ["2026-03-26T00:59:59Z", "wait fitting-booked"],
    ["2026-03-26T01:00Z", "pass versions-fit"],
    ["2026-03-27T23:59:59Z", "pass versions-fit"],
    ["2026-03-28T00:00Z", "deny versions-unfitting"],
    ["2026-03-29T00:00Z", "deny versions-unfitting"],
  ] as const) {
    assert.equal(judged(facts, now), expected, now);
  }
});

test("a dependant that is booked counts from the start of its deployment", () => {
  const facts = {
    service: aService(),
    dependants: [web(">=2")],
    bookings: [booking("web", "7.0.0", "2026-03-26T00:00Z", "2026-03-26T01:00Z")],
  };
  assert.equal(judged(facts, "2026-03-25T23:59:59Z"), "pass versions-fit");
  assert.equal(judged(facts, "2026-03-26T00:00Z"), "deny versions-unfitting");
});

test("the sentence names both directions, and each has a remedy with somebody to do it", () => {
  const facts = someFacts({
    service,
    dependants: [web(">=2")],
    deployed: [live("pricing", "3.1.0"), live("web", "7.0.0")],
  });
  const judgement = valueAt(versionsCompatible.judge(facts), facts.at);
  assert.equal(
    judgement.sentence,
    "cart needs pricing >=3.2 (sync), but prod-emea runs 3.1.0; no deployment that fits is booked; " +
      "web, live in prod-emea, needs cart >=2 (sync), and 1.1.0 is outside of it.",
  );
  assert.deepEqual("remedies" in judgement && judgement.remedies, [
    { kind: "deploy", who: "owner of pricing", what: "Deploy pricing >=3.2 to prod-emea." },
    { kind: "change", who: "owner of web", what: "Have web accept cart 1.1.0 in prod-emea." },
  ]);
});

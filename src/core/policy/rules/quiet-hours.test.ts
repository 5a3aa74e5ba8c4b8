import assert from "node:assert/strict";
import { test } from "node:test";
import { hoursOfWeek, type LoadProfile } from "#core/calendar/advice/load-profile.ts";
import type { Facts } from "#core/policy/facts.ts";
import { quietHours } from "#core/policy/rules/quiet-hours.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { aService, aSubject, at, someFacts } from "#core/testing.ts";

/** Busy by day, 40 from 22:00 to 06:00, and 5 on Tuesday from 03:00 to 05:00. */
const hours = Array.from({ length: hoursOfWeek }, (_, place) => {
  if (place === 27 || place === 28) return 5;
  return place % 24 >= 22 || place % 24 < 6 ? 40 : 100;
});
const profile: LoadProfile = { service: "cart", environment: "prod-emea", hours, batches: [] };
const risky = aSubject({ risk: "high", hasRollbackPlan: true });

function judgedAt(moment: string, overrides: Partial<Facts> = {}): string {
  const facts = someFacts({ at: at("2026-03-23T00:00Z"), subject: risky, profiles: [profile], ...overrides });
  const { outcome, code } = valueAt(quietHours.judge(facts), at(moment));
  return `${outcome} ${code}`;
}

test("a change of high risk waits at peak and goes in quiet hours", () => {
  assert.equal(judgedAt("2026-03-24T10:00Z"), "wait high-risk-at-peak");
  assert.equal(judgedAt("2026-03-24T02:00Z"), "pass in-quiet-hours");
  // The quarter of the week that is quietest reaches into the nights, up to 06:00 local.
  assert.equal(judgedAt("2026-03-24T04:59:59Z"), "pass in-quiet-hours");
  assert.equal(judgedAt("2026-03-24T05:00Z"), "wait high-risk-at-peak");
});

test("the last start in quiet hours leaves room for the run and its rollback", () => {
  const hour = Temporal.Duration.from({ hours: 1 });
  const durations = [{ service: "cart", environment: "prod-emea", p95: hour, rollbackP95: hour }];
  assert.equal(judgedAt("2026-03-24T03:00Z", { durations }), "pass in-quiet-hours");
  assert.equal(judgedAt("2026-03-24T03:00:00.001Z", { durations }), "wait does-not-fit");
});

for (const [title, overrides, expected] of [
  ["a change of low risk may run at any load", { subject: aSubject({ risk: "low" }) }, "not-applicable low-risk"],
  ["a tier of little weight is of low risk", { subject: aSubject() }, "not-applicable low-risk"],
  [
    "a critical tier is of high risk and needs a plan",
    { subject: aSubject(), service: aService({ tier: 1 }) },
    "deny no-rollback-plan",
  ],
  ["without a profile nothing is judged", { profiles: [] }, "not-applicable no-load-profile"],
  [
    "the profile of another environment says nothing",
    { profiles: [{ ...profile, environment: "test" }] },
    "not-applicable no-load-profile",
  ],
  [
    "a profile that is not one for a week is unknown",
    { profiles: [{ ...profile, hours: [1] }] },
    "unknown load-profile-unreadable",
  ],
  [
    "a profile without any load says nothing of quiet",
    { profiles: [{ ...profile, hours: hours.map(() => 0) }] },
    "unknown load-profile-unreadable",
  ],
  ["a plan is asked for at any hour", { subject: aSubject({ risk: "high" }) }, "deny no-rollback-plan"],
  ["going back waits for nothing", { subject: { ...risky, action: "roll-back" } }, "not-applicable goes-back"],
] as const) {
  test(`quiet-hours: ${title}`, () => {
    assert.equal(judgedAt("2026-03-24T10:00Z", overrides), expected);
  });
}

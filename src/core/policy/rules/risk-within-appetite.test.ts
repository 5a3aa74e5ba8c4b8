import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "#core/policy/facts.ts";
import { riskWithinAppetite } from "#core/policy/rules/risk-within-appetite.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { aSubject, at, someFacts } from "#core/testing.ts";
import { aPolicy } from "#core/testing-demands.ts";

const policies = [aPolicy({ risk: { maxScore: 70, appetite: 200, per: "environment" } })];

function score(value: number) {
  return {
    service: "cart",
    version: "1.1.0",
    environment: "prod-emea",
    score: value,
    source: "risk",
    at: at("2026-03-25T07:00Z"),
  };
}

function booked(booking: string, value: number, from: string, overrides: object = {}) {
  return {
    booking,
    environment: "prod-emea",
    unit: "retail",
    region: "emea",
    from: at(from),
    score: value,
    ...overrides,
  };
}

// 60 + 55 + 50 + 40 = 205 on Wed 25 Mar, 40 on the day after.
const exposure = [
  booked("bkg_1", 60, "2026-03-24T23:30Z"),
  booked("bkg_2", 55, "2026-03-25T08:00Z"),
  booked("bkg_3", 50, "2026-03-25T12:00Z"),
  booked("bkg_4", 40, "2026-03-25T22:59Z"),
  booked("bkg_5", 40, "2026-03-25T23:00Z"),
];

function judged(overrides: Partial<Facts>, now = "2026-03-25T08:00Z"): string {
  const { outcome, code } = valueAt(
    riskWithinAppetite.judge(someFacts({ policies, riskScore: score(35), ...overrides })),
    at(now),
  );
  return `${outcome} ${code}`;
}

for (const [title, overrides, expected] of [
  ["is silent when no policy asks", { policies: [], riskScore: null }, "not-applicable no-risk-demand"],
  ["passes at the greatest score", { riskScore: score(70) }, "pass risk-within"],
  ["denies above it", { riskScore: score(71) }, "deny risk-too-high"],
  ["denies what nobody has scored", { riskScore: null }, "deny risk-unscored"],
  ["takes what is kept nowhere for fine", { riskScore: "assumed" }, "not-applicable risk-assumed"],
  ["waits when the day is full", { exposure }, "wait appetite-spent"],
  [
    "passes when the sum is just the appetite",
    { exposure: [booked("bkg_1", 165, "2026-03-25T08:00Z")] },
    "pass risk-within",
  ],
  [
    "does not count its own booking twice",
    { exposure: [booked("bkg_1", 180, "2026-03-25T08:00Z")], subject: aSubject({ onBehalfOf: "bkg_1" }) },
    "pass risk-within",
  ],
  [
    "does not count another environment",
    { exposure: [booked("bkg_1", 180, "2026-03-25T08:00Z", { environment: "prod-amer" })] },
    "pass risk-within",
  ],
  ["cannot judge an unknown environment", { environment: null }, "unknown scope-unknown"],
] as const) {
  test(`risk-within-appetite ${title}`, () => assert.equal(judged(overrides), expected));
}

test("a day is a day of the environment: it begins at midnight in its zone", () => {
  assert.equal(judged({ exposure }, "2026-03-25T22:59:59Z"), "wait appetite-spent");
  assert.equal(judged({ exposure }, "2026-03-25T23:00Z"), "pass risk-within");
});

test("the sentence says the sum, the appetite and the next day with room", () => {
  const facts = someFacts({ policies, riskScore: score(35), exposure });
  const judgement = valueAt(riskWithinAppetite.judge(facts), facts.at);
  assert.equal(
    judgement.sentence,
    "The risk of 2026-03-25 in the environment prod-emea would be 240, above the appetite of 200; " +
      "the next day with room begins on Thu 26 Mar 2026 00:00 Europe/Berlin (2026-03-25T23:00Z).",
  );
  assert.deepEqual("remedies" in judgement && judgement.remedies.map(({ kind, who }) => [kind, who]), [
    ["wait", "nobody"],
    ["approve", "team platform"],
  ]);
});

test("a change that is over the appetite alone has no day", () => {
  const small = [aPolicy({ risk: { maxScore: null, appetite: 30, per: "unit" } })];
  assert.equal(judged({ policies: small }), "deny over-appetite");
});

for (const [per, other, expected] of [
  ["unit", { environment: "prod-amer", region: "amer" }, "wait appetite-spent"],
  ["unit", { unit: "wholesale" }, "pass risk-within"],
  ["region", { environment: "other", unit: "wholesale" }, "wait appetite-spent"],
  ["region", { region: null }, "pass risk-within"],
] as const) {
  test(`by ${per}, work of ${JSON.stringify(other)} ${expected.startsWith("pass") ? "does not count" : "counts"}`, () => {
    const perOther = [aPolicy({ risk: { maxScore: null, appetite: 200, per } })];
    assert.equal(
      judged({ policies: perOther, exposure: [booked("bkg_1", 180, "2026-03-25T08:00Z", other)] }),
      expected,
    );
  });
}

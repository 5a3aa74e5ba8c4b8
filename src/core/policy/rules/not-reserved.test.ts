import assert from "node:assert/strict";
import { test } from "node:test";
import { stoppingSubjects, withDeviations } from "#core/exemption/deviation.ts";
import type { Override } from "#core/exemption/exemption.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Judgement } from "#core/policy/finding.ts";
import { capacityLeft } from "#core/policy/rules/capacity-left.ts";
import { notReserved } from "#core/policy/rules/not-reserved.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { aSubject, at, someFacts } from "#core/testing.ts";
import { aPolicy } from "#core/testing-demands.ts";

const reservation = {
  id: "rsv_1",
  place: "environment:prod-emea",
  team: "ledger",
  by: "lea",
  reason: "Acceptance of the new ledger.",
  from: at("2026-03-25T12:00Z"),
  to: at("2026-03-26T12:00Z"),
  seats: [1],
  notBefore: null,
};
const durations = [
  {
    service: "cart",
    environment: "prod-emea",
    p95: Temporal.Duration.from({ hours: 1 }),
    rollbackP95: Temporal.Duration.from({ minutes: 10 }),
  },
];

function judged(overrides: Partial<Facts>, moment: string): Judgement {
  return valueAt(notReserved.judge(someFacts({ reservations: [reservation], ...overrides })), at(moment));
}

for (const [title, overrides, moment, code] of [
  ["lets through before it begins", {}, "2026-03-25T11:59Z", "reserved-later"],
  ["waits from its begin", {}, "2026-03-25T12:00Z", "reserved"],
  ["waits to its end", {}, "2026-03-26T11:59Z", "reserved"],
  ["passes at its end: the span is half-open", {}, "2026-03-26T12:00Z", "reserved-later"],
  ["starts nothing that would reach into it", { durations }, "2026-03-25T11:00Z", "reserved"],
  ["starts what is over before it", { durations }, "2026-03-25T10:59Z", "reserved-later"],
  [
    "lets its own team through",
    { reservations: [{ ...reservation, team: "basket" }] },
    "2026-03-25T13:00Z",
    "own-reservation",
  ],
  ["lets go back", { subject: aSubject({ action: "roll-back" }) }, "2026-03-25T13:00Z", "goes-back"],
  [
    "has nothing to say of other places",
    { reservations: [{ ...reservation, place: "environment:uat" }] },
    "2026-03-25T13:00Z",
    "no-reservation",
  ],
] as const) {
  test(`not-reserved ${title}`, () => assert.equal(judged(overrides, moment).code, code));
}

test("an override lets by the reservation that stood when it was given, and none that another team makes later", () => {
  const moment = at("2026-03-25T13:00Z");
  const subject = aSubject({ contentDigest: "sha256:c", onBehalfOf: "dep_1" });
  const override: Override = {
    id: "OV-1",
    deployment: "dep_1",
    rule: "not-reserved",
    code: "reserved",
    subjects: stoppingSubjects(
      notReserved,
      someFacts({ subject, reservations: [reservation], at: moment }),
      "reserved",
    ),
    contentDigest: "sha256:c",
    by: "liv",
    right: "finding.override",
    reason: "Agreed by telephone.",
    at: moment,
    until: moment.add({ hours: 4 }),
  };
  const later = { ...reservation, id: "rsv_2", team: "payments" };
  const outcomeOf = (reservations: Facts["reservations"]): string => {
    const facts = someFacts({ subject, reservations, overrides: [override], at: moment });
    const { code, sentence } = valueAt(withDeviations(notReserved, notReserved.judge(facts), facts), moment);
    return `${code} ${/payments/.test(sentence)}`;
  };
  assert.equal(outcomeOf([reservation]), "overridden false");
  assert.equal(outcomeOf([reservation, later]), "reserved true");
});

test("others are told who has it until when, and what they can do", () => {
  const judgement = judged({}, "2026-03-25T13:00Z");
  assert.equal(
    judgement.sentence,
    "prod-emea is reserved: ledger has it from Wed 25 Mar 2026 13:00 Europe/Berlin (2026-03-25T12:00Z) " +
      "until Thu 26 Mar 2026 13:00 Europe/Berlin (2026-03-26T12:00Z).",
  );
  assert.deepEqual("remedies" in judgement && judgement.remedies.map(({ who, what }) => [who, what]), [
    ["nobody", "Wait until Thu 26 Mar 2026 13:00 Europe/Berlin (2026-03-26T12:00Z)."],
    ["ledger", "Let go of the reservation rsv_1 early."],
  ]);
});

test("what another team has reserved of a resource counts against its places", () => {
  const policies = [aPolicy({ capacity: [{ resource: "db-cluster", max: 2 }] })];
  const reservations = [{ ...reservation, place: "resource:db-cluster", seats: [1, 2] }];
  const codeOf = (facts: Partial<Facts>): string =>
    valueAt(capacityLeft.judge(someFacts({ policies, ...facts })), at("2026-03-25T13:00Z")).code;
  assert.equal(codeOf({ reservations }), "no-place-free");
  assert.equal(codeOf({ reservations: [{ ...reservation, place: "resource:db-cluster" }] }), "place-free");
  assert.equal(codeOf({ reservations: reservations.map((one) => ({ ...one, team: "basket" })) }), "place-free");
});

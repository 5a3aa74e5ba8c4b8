import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "#core/policy/facts.ts";
import { policyClauses } from "#core/policy/rules/policy-clauses.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { anApproval, anEnvironment, aPerson, aService, at, peopleOf, someFacts } from "#core/testing.ts";
import { anEvidence, aPolicy } from "#core/testing-demands.ts";

function clause(expression: string, id = "evening") {
  return { id, expression, sentence: "Only in the evening.", who: "team ops", remedy: "Take it to the evening." };
}

function under(...expressions: readonly string[]): Pick<Facts, "policies"> {
  return { policies: [aPolicy({ clauses: expressions.map((source, index) => clause(source, `c${index}`)) })] };
}

function judged(overrides: Partial<Facts>, now = "2026-03-25T08:00Z"): string {
  const { outcome, code } = valueAt(policyClauses.judge(someFacts(overrides)), at(now));
  return `${outcome} ${code}`;
}

for (const [title, overrides, expected] of [
  ["is silent without a clause", {}, "not-applicable no-clauses"],
  [
    "passes when all hold",
    under('service.tier == 2 && environment.name == "prod-emea"', "approvals == 0"),
    "pass clauses-hold",
  ],
  ["denies when one does not", under("service.tier == 2", "service.tier < 2"), "deny clause-false"],
  ["does not know what is missing", under("figures.coverage > 80.0"), "unknown clause-unknown"],
  ["does not know what cannot be read", under("service.tier ="), "unknown clause-unknown"],
  ["denies when one is false and another unknown", under("service.tier =", "service.tier < 2"), "deny clause-false"],
  [
    "knows the newest evidence on the digest",
    {
      ...under('figures.coverage > 80.0 && evidence["coverage"] == "pass"'),
      evidence: [
        anEvidence("coverage", { value: 70, at: at("2026-03-20T00:00Z"), source: "old" }),
        anEvidence("coverage", { value: 81 }),
        anEvidence("coverage", { value: 9, digest: "sha256:b", at: at("2026-03-25T00:00Z") }),
      ],
    },
    "pass clauses-hold",
  ],
  [
    "counts approvals as persons",
    { ...under("approvals >= 2"), approvals: [anApproval("ann"), anApproval("ann")], people: peopleOf(aPerson("ann")) },
    "deny clause-false",
  ],
  ["cannot judge an unknown service", { ...under("true"), service: null }, "unknown scope-unknown"],
] as const) {
  test(`policy-clauses ${title}`, () => assert.equal(judged(overrides), expected));
}

test("a clause over local time opens and closes by the hour of the environment", () => {
  const evening = under("time.hour >= 20 && time.weekday <= 5");
  for (const [now, expected] of [
    ["2026-03-25T18:30Z", "wait clause-later"],
    ["2026-03-25T19:00Z", "pass clauses-hold"],
    ["2026-03-25T22:59:59Z", "pass clauses-hold"],
    ["2026-03-25T23:00Z", "wait clause-later"],
    ["2026-03-28T19:30Z", "wait clause-later"],
    // After the clocks have gone forward it is eight in the evening an hour earlier.
    ["2026-03-30T17:59Z", "wait clause-later"],
    ["2026-03-30T18:00Z", "pass clauses-hold"],
  ] as const) {
    assert.equal(judged(evening, now), expected, now);
  }
});

test("half an hour of clock change does not move the hours", () => {
  const environment = anEnvironment({ zone: "Australia/Lord_Howe" });
  const facts = { ...under("time.hour >= 3 && time.hour < 4"), environment, at: at("2026-04-04T00:00Z") };
  // On 5 April 02:00 (+11:00) becomes 01:30 (+10:30): three o'clock is at 16:30Z.
  assert.equal(judged(facts, "2026-04-04T16:29:59Z"), "wait clause-later");
  assert.equal(judged(facts, "2026-04-04T16:30Z"), "pass clauses-hold");
  assert.equal(judged(facts, "2026-04-04T17:30Z"), "wait clause-later");
});

test("a clause that will never hold is not waited for", () => {
  assert.equal(judged(under("time.hour > 24")), "deny clause-false");
});

test("the finding says clause, policy, what it came to and who can do what", () => {
  const { policies } = under("time.hour >= 20 || service.tier == 0");
  const facts = someFacts({ policies, service: aService() });
  const judgement = valueAt(policyClauses.judge(facts), facts.at);
  assert.equal(
    judgement.sentence,
    "Only in the evening (clause c0 of policy base: time.hour >= 20 is false (time.hour is 9); " +
      "service.tier == 0 is false (service.tier is 2)).",
  );
  assert.deepEqual("remedies" in judgement && judgement.remedies, [
    { kind: "wait", who: "nobody", what: "Wait until Wed 25 Mar 2026 20:00 Europe/Berlin (2026-03-25T19:00Z)." },
    { kind: "change", who: "team ops", what: "Take it to the evening." },
  ]);
});

test("a clause that nobody can judge names itself and its owner", () => {
  const facts = someFacts(under("figures.coverage > 80.0"));
  const judgement = valueAt(policyClauses.judge(facts), facts.at);
  assert.equal(
    judgement.sentence,
    "Whether clause c0 of policy base holds is not known: No such key: coverage; platform answers for it.",
  );
});

test("each clause that stops is a part of its own, so that one may be exempted without the others", () => {
  const facts = someFacts(under("service.tier == 0", "figures.coverage > 80.0", "time.hour >= 20"));
  const judgement = valueAt(policyClauses.judge(facts), facts.at);
  assert.deepEqual("parts" in judgement && judgement.parts?.map(({ subject, code }) => [subject, code]), [
    ["c0", "clause-false"],
    ["c1", "clause-unknown"],
    ["c2", "clause-false"],
  ]);
});

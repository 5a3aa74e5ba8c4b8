import assert from "node:assert/strict";
import { test } from "node:test";
import { canonical } from "#core/audit/canonical.ts";
import { digestOver, evaluate } from "#core/policy/evaluate.ts";
import { factParts } from "#core/policy/fact-parts.ts";
import { factsToJson } from "#core/policy/facts-codec.ts";
import { judgeAgain } from "#core/policy/judge-again.ts";
import { verdictToJson } from "#core/policy/present.ts";
import { rules } from "#core/policy/registry.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import {
  aFreeze,
  anApproval,
  anEnvironment,
  aPerson,
  aRoute,
  aWindow,
  fakeHash,
  peopleOf,
  someFacts,
} from "#core/testing.ts";

const options = { hash: fakeHash, zoneData: "2026c" };
const facts = someFacts({
  environment: anEnvironment({ windows: "required" }),
  windows: Array.from({ length: 8 }, (_, n) => aWindow({ name: `window-${n}` })),
  freezes: [aFreeze("2026-03-24T00:00", "2026-03-27T12:00")],
  routes: [aRoute({ validFor: Temporal.Duration.from("P14D") })],
  people: peopleOf(aPerson("bob"), aPerson("ann")),
  approvals: [anApproval("bob")],
});
const verdict = evaluate(rules, facts, options);
const whole = canonical(factsToJson(facts));
const bytes = (judged: Verdict): string => JSON.stringify(verdictToJson(judged));

test("stored facts, as a whole or in parts, are judged again to the same bytes", () => {
  const parts = new Map(factParts(facts, fakeHash).map(({ name, json }) => [name, json()]));
  for (const stored of [whole, parts]) {
    const again = judgeAgain(rules, { ...verdict, facts: stored }, options);
    assert.ok(again.ok, JSON.stringify(again));
    assert.equal(bytes(again.value), bytes(verdict));
  }
});

test("a verdict of before facts had parts keeps its digest, and facts that were not known then are no part of it", () => {
  const { debts: _, overrides: __, stagesBefore: ___, ...known } = JSON.parse(whole);
  const text = canonical(known);
  const factsDigest = digestOver(text, rules, options);
  const again = judgeAgain(rules, { ...verdict, factsDigest, facts: text }, options);
  assert.ok(again.ok, JSON.stringify(again));
  assert.equal(again.value.factsDigest, factsDigest);
  assert.equal(bytes({ ...again.value, factsDigest: verdict.factsDigest }), bytes(verdict));
});

test("a rule that has come since judges no verdict of before", () => {
  const before = rules.slice(0, 3);
  const old = evaluate(before, facts, options);
  const again = judgeAgain(rules, { ...old, facts: whole }, options);
  assert.ok(again.ok);
  assert.equal(bytes(again.value), bytes(old));
});

for (const [title, change, code] of [
  ["facts that were altered", { facts: whole.replace("bob", "eve") }, "facts-altered"],
  ["facts that are none", { facts: "[]" }, "facts-unreadable"],
  ["facts that cannot be read", { facts: whole.slice(1) }, "facts-unreadable"],
  ["a rule that is gone", { findings: [{ rule: "artifact-known", ruleVersion: "0" }] }, "rule-gone"],
] as const) {
  test(`${title}: not judged again`, () => {
    const again = judgeAgain(rules, { ...verdict, facts: whole, ...change }, options);
    assert.equal(again.ok ? null : again.error.code, code);
  });
}

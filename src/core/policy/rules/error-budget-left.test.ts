import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "#core/policy/facts.ts";
import { errorBudgetLeft } from "#core/policy/rules/error-budget-left.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { aSubject, at, someFacts } from "#core/testing.ts";
import { aPolicy } from "#core/testing-demands.ts";

const policies = [aPolicy({ errorBudget: { minLeft: 0.1 } })];

function budget(left: number) {
  return { service: "cart", environment: null, left, source: "slo", at: at("2026-03-25T07:00Z") };
}

function judged(overrides: Partial<Facts>): string {
  const facts = someFacts({ policies, ...overrides });
  const { outcome, code } = valueAt(errorBudgetLeft.judge(facts), facts.at);
  return `${outcome} ${code}`;
}

for (const [title, overrides, expected] of [
  ["is silent when no policy asks", { policies: [] }, "not-applicable no-budget-demanded"],
  ["passes with just enough", { errorBudget: budget(0.1) }, "pass budget-left"],
  ["denies a feature below it", { errorBudget: budget(0.0999) }, "deny budget-spent"],
  ["denies a feature when it is overspent", { errorBudget: budget(-0.04) }, "deny budget-spent"],
  [
    "lets a repair through whatever is left",
    { errorBudget: budget(-1), subject: aSubject({ action: "fix-forward" }) },
    "not-applicable reliability-work",
  ],
  [
    "lets what goes back through",
    { errorBudget: null, subject: aSubject({ action: "roll-back" }) },
    "not-applicable reliability-work",
  ],
  ["denies what nobody reports", { errorBudget: null }, "deny budget-unreported"],
  ["takes what is kept nowhere for fine", { errorBudget: "assumed" }, "not-applicable budget-assumed"],
  ["cannot judge an unknown service", { service: null }, "unknown scope-unknown"],
] as const) {
  test(`error-budget-left ${title}`, () => assert.equal(judged(overrides), expected));
}

test("the sentence says how much is left, how much would do, and what may go", () => {
  const facts = someFacts({ policies, errorBudget: budget(-0.042) });
  assert.equal(
    valueAt(errorBudgetLeft.judge(facts), facts.at).sentence,
    "-4.2 % of the error budget of cart is left, less than 10 %: repairs only.",
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { evaluate, evaluateAt } from "#core/policy/evaluate.ts";
import { factsFromJson, factsToJson } from "#core/policy/facts-codec.ts";
import { verdictToJson } from "#core/policy/present.ts";
import { rules } from "#core/policy/registry.ts";
import { fakeHash } from "#core/testing.ts";
import { fine, troubles } from "#core/testing-troubles.ts";

const options = { hash: fakeHash, zoneData: "2026c" };

const blockedFacts = fc
  .subarray([...troubles], { minLength: 1, maxLength: 4 })
  .map((chosen) => chosen.reduce((facts, trouble) => trouble(facts), fine));
const later = fc.integer({ min: 0, max: 14 * 24 * 60 - 1 }).map((minutes) => fine.at.add({ minutes }));

test("the verdict at a later instant is a look-up: what judging the same facts then would find", () => {
  fc.assert(
    fc.property(blockedFacts, later, (facts, moment) => {
      const lookedUp = evaluateAt(rules, facts, moment, options);
      const judged = evaluate(rules, { ...facts, at: moment }, options);
      assert.equal(lookedUp.decision, judged.decision);
      assert.deepEqual(lookedUp.findings, judged.findings);
    }),
    { numRuns: 60 },
  );
});

test("facts with every kind of demand are judged again to the same verdict, byte for byte", () => {
  fc.assert(
    fc.property(blockedFacts, (facts) => {
      const again = factsFromJson(JSON.parse(JSON.stringify(factsToJson(facts))));
      assert.ok(again.ok, again.ok ? "" : again.error.message);
      const text = (given: typeof facts) => JSON.stringify(verdictToJson(evaluate(rules, given, options)));
      assert.equal(text(again.value), text(facts));
    }),
    { numRuns: 30 },
  );
});

test("every code that comes up is declared by its rule, and whoever stops says who can help", () => {
  for (const trouble of troubles) {
    for (const { rule, code, outcome, remedies } of evaluate(rules, trouble(fine), options).findings) {
      assert.ok(rules.find(({ id }) => id === rule)?.codes.includes(code), `${rule} does not declare ${code}`);
      if (outcome !== "pass" && outcome !== "not-applicable") assert.ok(remedies.length > 0, `${rule} ${code}`);
    }
  }
});

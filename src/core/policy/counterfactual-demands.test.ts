import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { evaluate } from "#core/policy/evaluate.ts";
import type { Facts } from "#core/policy/facts.ts";
import { rules } from "#core/policy/registry.ts";
import type { Counterfactual } from "#core/policy/verdict.ts";
import { applyRemedy, fakeHash } from "#core/testing.ts";
import { fine, troubles } from "#core/testing-troubles.ts";

const options = { hash: fakeHash, zoneData: "2026c" };
const blockedFacts = fc
  .subarray([...troubles], { minLength: 1, maxLength: 4 })
  .map((chosen) => chosen.reduce((facts, trouble) => trouble(facts), fine));

/** The facts after the deeds of a set, at the instant at which it is said to open. Waiting is the passing of time. */
function after(facts: Facts, remedies: Counterfactual["remedies"], opensAt: Temporal.Instant): Facts {
  const deeds = remedies.filter(({ remedy }) => remedy.kind !== "wait");
  const changed = deeds.reduce((before, { rule, remedy }) => applyRemedy(before, rule, remedy), facts);
  if (deeds.length === remedies.length) return changed;
  return { ...changed, at: opensAt, horizon: opensAt.add({ hours: 24 * 60 }) };
}

function decided(facts: Facts): string {
  return evaluate(rules, facts, options).decision;
}

test("nothing stands in the way of the facts that the troubles are laid over", () => {
  assert.equal(decided(fine), "allow");
});

test("each trouble alone stands in the way, and somebody or time can help", () => {
  for (const [place, trouble] of troubles.entries()) {
    const verdict = evaluate(rules, trouble(fine), options);
    assert.notEqual(verdict.decision, "allow", `trouble ${place}`);
    assert.ok(verdict.counterfactuals.length > 0, `trouble ${place}`);
  }
});

test("every set of remedies flips the verdict at the instant it names, whatever stands in the way", () => {
  let flipped = 0;
  fc.assert(
    fc.property(blockedFacts, (facts) => {
      for (const way of evaluate(rules, facts, options).counterfactuals) {
        assert.ok(way.opensAt !== null);
        const verdict = evaluate(rules, after(facts, way.remedies, way.opensAt), options);
        const stopping = verdict.findings.filter(({ outcome }) => outcome !== "pass" && outcome !== "not-applicable");
        assert.equal(verdict.decision, "allow", JSON.stringify([way, stopping]));
        flipped++;
      }
    }),
    { numRuns: 60 },
  );
  assert.ok(flipped > 60, `only ${flipped} sets were tried`);
});

test("leaving any one deed out does not flip it", () => {
  let tried = 0;
  fc.assert(
    fc.property(blockedFacts, (facts) => {
      for (const { remedies, opensAt } of evaluate(rules, facts, options).counterfactuals) {
        if (opensAt === null) continue;
        for (const left of remedies) {
          const rest = remedies.filter((remedy) => remedy !== left);
          const moment = left.remedy.kind === "wait" ? facts.at : opensAt;
          assert.notEqual(decided(after(facts, rest, moment)), "allow", JSON.stringify([remedies, left]));
          tried++;
        }
      }
    }),
    { numRuns: 60 },
  );
  assert.ok(tried > 60, `only ${tried} were left out`);
});

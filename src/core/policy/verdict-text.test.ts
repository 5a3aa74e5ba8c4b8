import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { canonical, type JsonValue } from "#core/audit/canonical.ts";
import { outcomes, remedyKinds } from "#core/policy/finding.ts";
import { verdictToJson } from "#core/policy/present.ts";
import { verdictText } from "#core/policy/verdict-text.ts";
import { decisions, type Verdict } from "#core/policy/verdict.ts";
import { instants } from "#core/testing.ts";

const text = fc.string({ unit: "grapheme", maxLength: 120 });
const orNull = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null });
const remedy = fc.record({ kind: fc.constantFrom(...remedyKinds), who: text, what: text });
const finding = fc.record({
  rule: text,
  ruleVersion: text,
  outcome: fc.constantFrom(...outcomes),
  code: text,
  sentence: text,
  until: orNull(instants),
  evidence: fc.array(fc.record({ kind: text, ref: text, text }), { maxLength: 3 }),
  remedies: fc.array(remedy, { maxLength: 3 }),
});
const subject = fc.record({
  service: text,
  version: text,
  environment: text,
  action: fc.constant("deploy" as const),
  class: fc.constant("normal" as const),
  invoker: fc.constant("person" as const),
  requestedBy: orNull(text),
  contentDigest: orNull(text),
  onBehalfOf: orNull(text),
});
const verdicts: fc.Arbitrary<Verdict> = fc.record(
  {
    decision: fc.constantFrom(...decisions),
    at: instants,
    subject,
    findings: fc.array(finding, { maxLength: 4 }),
    nextOpening: orNull(instants),
    openings: fc.array(fc.record({ from: instants, to: instants }), { maxLength: 3 }),
    detour: fc.record({ at: instants, rule: text, sentence: text }),
    zone: text,
    counterfactuals: fc.array(
      fc.record({ remedies: fc.array(fc.record({ rule: text, remedy }), { maxLength: 2 }), opensAt: orNull(instants) }),
      { maxLength: 2 },
    ),
    factsDigest: text,
    zoneData: text,
  },
  {
    requiredKeys: [
      "decision",
      "at",
      "subject",
      "findings",
      "nextOpening",
      "openings",
      "counterfactuals",
      "factsDigest",
      "zoneData",
    ],
  },
);

test("the text of a verdict is the canonical JSON of what is presented, whatever it says", () => {
  fc.assert(
    fc.property(verdicts, (verdict) => {
      const presented: JsonValue = JSON.parse(JSON.stringify(verdictToJson(verdict)));
      assert.equal(verdictText(verdict), canonical(presented));
    }),
  );
});

test("a lone surrogate in a sentence has no text", () => {
  const [verdict] = fc.sample(verdicts, 1);
  assert.ok(verdict);
  assert.throws(() => verdictText({ ...verdict, zoneData: "\ud800" }), RangeError);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSources } from "#config/source.ts";
import { unreadablePolicy } from "#config/unreadable-policy.ts";
import { evaluate } from "#core/policy/evaluate.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Finding } from "#core/policy/finding.ts";
import { policyClauses } from "#core/policy/rules/policy-clauses.ts";
import { aPerson, at, fakeHash, peopleOf, someFacts } from "#core/testing.ts";

const [document] = parseSources([
  {
    path: "bar.yaml",
    text: "kind: Policy\nmetadata: { name: bar }\nspec: { level: central, owner: platform, scope: {}, settings: { risk: 7 } }",
  },
]).documents;
assert.ok(document);
const policies = [unreadablePolicy(document, "spec.settings.risk must be a mapping.")];

function judged(more: Partial<Facts> = {}): { readonly decision: string; readonly finding: Finding } {
  const facts = someFacts({ policies, ...more });
  const { decision, findings } = evaluate([policyClauses], facts, { hash: fakeHash, zoneData: "2026c" });
  const [finding] = findings;
  assert.ok(finding);
  return { decision, finding };
}

test("a stored policy that cannot be read is unknown, denies where it is protected, and names cause and owner", () => {
  const { decision, finding } = judged();
  assert.deepEqual([decision, finding.outcome, finding.code], ["deny", "unknown", "clause-unknown"]);
  assert.equal(
    finding.sentence,
    "The stored policy bar cannot be read: spec.settings.risk must be a mapping; platform answers for it.",
  );
  assert.deepEqual(finding.remedies, [
    { kind: "change", who: "team platform", what: "Correct the policy bar and apply it again." },
  ]);
});

test("nobody could have exempted from what nobody can read", () => {
  const exemption = {
    id: "EX-1",
    rule: "policy-clauses",
    codes: ["clause-false", "clause-later"],
    subjects: [],
    scope: {},
    justification: "No clause of ours.",
    from: at("2026-03-01T00:00Z"),
    until: at("2026-04-01T00:00Z"),
    requestedBy: "ann",
    approvedBy: ["gia"],
    controls: [],
    revokedAt: null,
  };
  const people = peopleOf(aPerson("ann"), aPerson("gia", { roles: ["compliance"] }));
  assert.equal(judged({ exemptions: [exemption], people }).finding.outcome, "unknown");
});

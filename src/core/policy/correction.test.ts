import assert from "node:assert/strict";
import { test } from "node:test";
import { correctionOf as correct, toldText, type Correction } from "#core/policy/correction.ts";
import type { Finding, Outcome } from "#core/policy/finding.ts";
import type { Decision, Verdict } from "#core/policy/verdict.ts";
import { aSubject, at } from "#core/testing.ts";

function aFinding(rule: string, outcome: Outcome, code = outcome as string): Finding {
  return {
    rule,
    ruleVersion: "1",
    outcome,
    code,
    sentence: `${rule} ${code}.`,
    until: null,
    evidence: [],
    remedies: [],
  };
}

function aVerdict(
  decision: Decision,
  opensAt: string | null,
  findings: readonly Finding[] = [],
  now = "2026-03-25T08:00Z",
): Verdict {
  return {
    decision,
    at: at(now),
    subject: aSubject(),
    findings,
    nextOpening: opensAt === null ? null : at(opensAt),
    openings: [],
    counterfactuals: [],
    factsDigest: "",
    zoneData: "",
  };
}

const correctionOf = (before: Verdict, after: Verdict): Correction | null => correct(before, after, () => after);

const saturday = "2026-03-28T00:00Z";

test("the same decision with the same opening keeps what was said", () => {
  assert.equal(correctionOf(aVerdict("wait", saturday), aVerdict("wait", saturday)), null);
});

test("a wait that ends when it was said to end keeps what was said", () => {
  assert.equal(correctionOf(aVerdict("wait", saturday), aVerdict("allow", saturday, [], "2026-03-28T00:01Z")), null);
});

test("a wait that ends earlier than said, or is put off, is told", () => {
  assert.deepEqual(
    correctionOf(aVerdict("wait", saturday), aVerdict("allow", "2026-03-25T08:00Z"))?.is.decision,
    "allow",
  );
  const later = correctionOf(aVerdict("wait", saturday), aVerdict("wait", "2026-04-04T00:00Z"));
  assert.deepEqual(later?.was.opensAt, at(saturday));
});

test("a wait that is put off names what stops the work at the opening that was promised", () => {
  const atPromised = aVerdict("wait", null, [aFinding("inside-window", "pass"), aFinding("freeze-in-force", "wait")]);
  const found = correct(aVerdict("wait", saturday), aVerdict("wait", "2026-04-04T00:00Z"), (instant) => {
    assert.ok(instant.equals(at(saturday)));
    return atPromised;
  });
  assert.deepEqual(
    found?.because.map(({ rule }) => rule),
    ["freeze-in-force"],
  );
});

test("a refusal for another reason is told with the rules that changed their answer", () => {
  const before = aVerdict("deny", null, [aFinding("freeze-in-force", "deny"), aFinding("lock-free", "pass")]);
  const after = aVerdict("deny", null, [aFinding("freeze-in-force", "pass"), aFinding("lock-free", "deny")]);
  assert.deepEqual(
    correctionOf(before, after)?.because.map(({ rule }) => rule),
    ["freeze-in-force", "lock-free"],
  );
});

test("a wait beside a refusal is nothing to act upon", () => {
  const before = aVerdict("deny", null, [aFinding("approved-by-another", "deny"), aFinding("inside-window", "pass")]);
  const after = aVerdict("deny", null, [aFinding("approved-by-another", "deny"), aFinding("inside-window", "wait")]);
  assert.equal(correctionOf(before, after), null);
});

test("what reads the same in short keeps what was said", () => {
  const verdicts = (["allow", "wait", "hold", "deny"] as const).flatMap((decision) =>
    [null, saturday].flatMap((opensAt) =>
      [["a"], ["a", "b"], []].map((rules) =>
        aVerdict(
          decision,
          opensAt,
          rules.map((rule) => aFinding(rule, decision === "allow" ? "pass" : decision)),
        ),
      ),
    ),
  );
  for (const before of verdicts) {
    for (const after of verdicts) {
      if (toldText(before) === toldText(after)) assert.equal(correctionOf(before, after), null);
    }
  }
});

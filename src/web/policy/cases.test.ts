import assert from "node:assert/strict";
import { test } from "node:test";
import { casesLook, casesOf, explained, otherCases, type CaseResult } from "#web/policy/cases.ts";

const aCase = (name: string, failures: readonly string[], policies: readonly string[]): CaseResult => ({
  name,
  description: null,
  place: "policies.yaml:1",
  appliedAt: "2026-03-25T08:00:00Z",
  appliedBy: "liv",
  question: null,
  failures: [...failures],
  verdict: "deny",
  policies: [...policies],
});

const cases = [aCase("a", ["it fails"], ["bar"]), aCase("b", [], ["bar", "risk"]), aCase("c", [], [])];

test("Cases belong to the policies that decide in them, and to none where none does", () => {
  const names = (found: readonly CaseResult[]): readonly string[] => found.map(({ name }) => name);
  assert.deepEqual(names(casesOf(cases, "bar")), ["a", "b"]);
  assert.deepEqual(names(casesOf(cases, "risk")), ["b"]);
  assert.deepEqual(names(otherCases(cases, ["bar", "risk"])), ["c"]);
});

test("How cases stand is one word", () => {
  assert.equal(casesLook(casesOf(cases, "bar")).label, "1 of 2 fail");
  assert.equal(casesLook(casesOf(cases, "risk")).label, "1 case passes");
  assert.equal(casesLook([]).label, "No case");
});

test("A failure is told as what was expected and what came", () => {
  assert.deepEqual(explained("evidence-fresh: expected deny any code, got pass evidence-there: Coverage is 81."), {
    about: "evidence-fresh",
    expected: "deny any code",
    got: "pass evidence-there: Coverage is 81.",
  });
  assert.deepEqual(explained("verdict: expected deny, got allow: nothing is in the way"), {
    about: "verdict",
    expected: "deny",
    got: "allow: nothing is in the way",
  });
  assert.deepEqual(explained("It cannot be read: no."), { about: "", expected: null, got: "It cannot be read: no." });
});

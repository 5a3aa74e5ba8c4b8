import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "#core/policy/evaluate.ts";
import type { Facts } from "#core/policy/facts.ts";
import { rules } from "#core/policy/registry.ts";
import { aService, at, fakeHash, someFacts } from "#core/testing.ts";
import { aPolicy, aVerification, hours } from "#core/testing-demands.ts";
import { gateOf } from "#usecases/rollout/judge-stage.ts";

function gate(overrides: Partial<Facts>): string {
  const facts = someFacts(overrides);
  return gateOf(facts, evaluate(rules, facts, { hash: fakeHash, zoneData: "any" })).kind;
}

const stop = { id: "stp_1", reason: "?", by: "cem", since: at("2026-03-25T07:00Z"), until: null, allowsRollBack: true };
const verified = [aPolicy({ verification: { maxAge: hours(1) } })];

for (const [title, overrides, expected] of [
  ["goes on while every rule passes", {}, "go"],
  ["pauses while a global stop is in force", { stops: [stop] }, "pause"],
  [
    "pauses while a dependency is not live",
    { service: aService({ dependsOn: [{ on: "pricing", kind: "sync", versions: null }] }) },
    "pause",
  ],
  [
    "goes back when a key is revoked under it",
    { policies: verified, verifications: [aVerification({ outcome: "revoked-key" })] },
    "go-back",
  ],
  ["is not undone because a verification grows old", { policies: verified, verifications: [aVerification()] }, "go"],
  [
    "is not undone by a policy about the start that came into force meanwhile",
    { policies: [aPolicy({ ticket: { states: ["approved"] } })] },
    "go",
  ],
] as const) {
  test(`a run at the border of a stage ${title}`, () => assert.equal(gate(overrides), expected));
}

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { consentTo, hasApproved, whyNoConsent, type StepDecision } from "#core/plan/consent.ts";
import type { Approve } from "#core/plan/guard.ts";
import { aPerson, at } from "#core/testing.ts";

const action: Approve = {
  kind: "approve",
  roles: ["approver"],
  teams: [],
  approvals: 2,
  instruction: "Look at it.",
  signature: false,
};
const people = new Map(
  [
    aPerson("ann"),
    aPerson("bob"),
    aPerson("cem", {
      accounts: [
        { name: "cem", kind: "human" },
        { name: "cem-bot", kind: "bot" },
      ],
    }),
    aPerson("dev", { roles: ["developer"] }),
    aPerson("fay", { accounts: [{ name: "fay-bot", kind: "bot" }] }),
    aPerson("eye", { roles: ["approver", "auditor"] }),
  ].map((person) => [person.name, person] as const),
);
const barred = { ofRun: ["cem-bot"], ofWork: ["bob"], ofDeeds: ["fay"] };
const nobody = { ofRun: [], ofWork: [], ofDeeds: [] };
const decided = (person: string, more: Partial<StepDecision> = {}): StepDecision => ({
  person,
  decision: "approved",
  contentDigest: "sha256:a",
  reason: "Looked.",
  at: at("2026-03-25T08:00Z"),
  isSigned: false,
  ...more,
});

test("Neither whoever started it, made it or carries it out consents, through whatever account", () => {
  const why = (name: string) => whyNoConsent(action, name, barred, people);
  assert.deepEqual(["ann", "cem", "cem-bot", "bob", "fay", "fay-bot", "dev", "eye", "nobody"].map(why), [
    null,
    "own-request",
    "own-request",
    "own-work",
    "own-answer",
    "own-answer",
    "not-entitled",
    "not-entitled",
    "not-entitled",
  ]);
});

test("Consent to another content counts for nothing, and neither does a rejection of it", () => {
  const decisions = [decided("ann"), decided("bob", { contentDigest: "sha256:b", decision: "rejected" })];
  assert.deepEqual(consentTo("sha256:a", action, decisions, nobody, people), { rejectedBy: null, approvedBy: ["ann"] });
  assert.deepEqual(consentTo("sha256:b", action, decisions, nobody, people), { rejectedBy: "bob", approvedBy: [] });
});

test("Where a signature is asked for, consent without one does not count", () => {
  const signed = { ...action, signature: true };
  const decisions = [decided("ann"), decided("cem", { isSigned: true })];
  assert.deepEqual(consentTo("sha256:a", signed, decisions, nobody, people).approvedBy, ["cem"]);
});

test("Whoever has approved is known through whatever account; a rejection is no approval", () => {
  const decisions = [decided("fay"), decided("bob", { decision: "rejected" })];
  const known = ["fay", "fay-bot", "bob", "ann"].map((name) => hasApproved(name, decisions, people));
  assert.deepEqual(known, [true, true, false, false]);
});

test("Whoever is barred never adds to the count, whatever else is decided", () => {
  const names = fc.subarray(["ann", "bob", "cem", "dev", "eye"]);
  fc.assert(
    fc.property(names, fc.subarray(["ann", "bob", "cem"]), (who, out) => {
      const standing = consentTo(
        "sha256:a",
        action,
        who.map((name) => decided(name)),
        { ...nobody, ofDeeds: out },
        people,
      );
      assert.ok(standing.approvedBy.every((name) => !out.includes(name) && who.includes(name)));
    }),
  );
});

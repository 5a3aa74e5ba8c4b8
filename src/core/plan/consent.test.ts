import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { consentTo, whyNoConsent, type StepDecision } from "#core/plan/consent.ts";
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
    aPerson("eye", { roles: ["approver", "auditor"] }),
  ].map((person) => [person.name, person] as const),
);
const barred = { ofRun: ["cem-bot"], ofWork: ["bob"] };
const decided = (person: string, more: Partial<StepDecision> = {}): StepDecision => ({
  person,
  decision: "approved",
  contentDigest: "sha256:a",
  reason: "Looked.",
  at: at("2026-03-25T08:00Z"),
  isSigned: false,
  ...more,
});

test("Neither whoever started it nor whoever made it consents, through whatever account", () => {
  const why = (name: string) => whyNoConsent(action, name, barred, people);
  assert.deepEqual(["ann", "cem", "cem-bot", "bob", "dev", "eye", "nobody"].map(why), [
    null,
    "own-request",
    "own-request",
    "own-work",
    "not-entitled",
    "not-entitled",
    "not-entitled",
  ]);
});

test("Consent to another content counts for nothing, and neither does a rejection of it", () => {
  const decisions = [decided("ann"), decided("bob", { contentDigest: "sha256:b", decision: "rejected" })];
  const none = { ofRun: [], ofWork: [] };
  assert.deepEqual(consentTo("sha256:a", action, decisions, none, people), { rejectedBy: null, approvedBy: ["ann"] });
  assert.deepEqual(consentTo("sha256:b", action, decisions, none, people), { rejectedBy: "bob", approvedBy: [] });
});

test("Where a signature is asked for, consent without one does not count", () => {
  const signed = { ...action, signature: true };
  const decisions = [decided("ann"), decided("cem", { isSigned: true })];
  assert.deepEqual(consentTo("sha256:a", signed, decisions, { ofRun: [], ofWork: [] }, people).approvedBy, ["cem"]);
});

test("Whoever is barred never adds to the count, whatever else is decided", () => {
  const names = fc.subarray(["ann", "bob", "cem", "dev", "eye"]);
  fc.assert(
    fc.property(names, fc.subarray(["ann", "bob", "cem"]), (who, out) => {
      const standing = consentTo(
        "sha256:a",
        action,
        who.map((name) => decided(name)),
        { ofRun: out, ofWork: [] },
        people,
      );
      assert.ok(standing.approvedBy.every((name) => !out.includes(name) && who.includes(name)));
    }),
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { actFor, targetOf, type Me } from "#web/policy/acts.ts";
import type { Finding } from "#web/policy/verdict.ts";

const hold = `hld_${"1".repeat(32)}`;
const holder = `dep_${"2".repeat(32)}`;
const me: Me = {
  person: "ana",
  displayName: "Ana",
  account: "ana@corp",
  roles: ["release-manager"],
  teams: ["ledger"],
  permissions: ["hold.change", "deployment.abort"],
  method: "session",
};

function aFinding(part: Partial<Finding>): Finding {
  return {
    rule: "hold-flag",
    ruleVersion: "1",
    outcome: "hold",
    code: "on-hold",
    sentence: "On hold.",
    until: null,
    evidence: [],
    remedies: [],
    ...part,
  };
}

test("A hold is offered to those whom it names and who may change holds, and to nobody else", () => {
  const finding = aFinding({ evidence: [{ kind: "hold", ref: hold, text: "hold by carol" }] });
  const by = (who: string) => ({ kind: "change", who, what: `Lift the hold ${hold}.` });
  assert.equal(actFor(finding, by("ledger"), { me, allowed: [] })?.kind, "lift");
  assert.equal(actFor(finding, by("compliance"), { me, allowed: [] }), null);
  assert.equal(actFor(finding, by("ana"), { me: { ...me, permissions: [] }, allowed: [] }), null);
});

test("An approval is offered where the server allows it on this deployment", () => {
  const finding = aFinding({ rule: "approved-by-another", outcome: "deny" });
  const remedy = { kind: "approve", who: "team ledger", what: "Approve it." };
  assert.equal(actFor(finding, remedy, { me, allowed: ["approve"] })?.kind, "ask");
  assert.equal(actFor(finding, remedy, { me, allowed: [] }), null);
  const frozen = aFinding({ rule: "freeze-in-force", outcome: "wait" });
  assert.equal(actFor(frozen, remedy, { me, allowed: ["approve"] }), null, "consent to a freeze is another deed");
});

test("The holder of a lock is offered to be aborted, by its own page", () => {
  const finding = aFinding({ rule: "lock-free", evidence: [{ kind: "lock", ref: holder, text: "holds it" }] });
  const remedy = { kind: "free-lock", who: holder, what: `Let go of prod, or abort ${holder}.` };
  assert.deepEqual(actFor(finding, remedy, { me, allowed: [] }), {
    kind: "deployment",
    label: "Abort it…",
    id: holder,
    ask: "abort",
  });
});

test("Evidence leads to its page, and foreign text never becomes a link of another kind", () => {
  assert.deepEqual(targetOf({ kind: "booking", ref: holder, text: "" }), { kind: "deployment", id: holder });
  assert.deepEqual(targetOf({ kind: "policy", ref: "payments", text: "" }), { kind: "policy", name: "payments" });
  assert.equal(targetOf({ kind: "evidence", ref: "javascript:alert(1)", text: "" }), null);
  assert.deepEqual(targetOf({ kind: "evidence", ref: "https://ci/1", text: "" }), {
    kind: "site",
    address: "https://ci/1",
  });
});

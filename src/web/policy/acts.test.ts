import assert from "node:assert/strict";
import { test } from "node:test";
import { actFor, mayDeclare, targetOf, waysAround, type Me, type OtherWays } from "#web/policy/acts.ts";
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
  assert.equal(actFor(finding, by("ledger"), { me, allowed: [], ways: null })?.kind, "lift");
  assert.equal(actFor(finding, by("compliance"), { me, allowed: [], ways: null }), null);
  assert.equal(actFor(finding, by("ana"), { me: { ...me, permissions: [] }, allowed: [], ways: null }), null);
});

test("An approval is offered where the server allows it on this deployment", () => {
  const finding = aFinding({ rule: "approved-by-another", outcome: "deny" });
  const remedy = { kind: "approve", who: "team ledger", what: "Approve it." };
  assert.equal(actFor(finding, remedy, { me, allowed: ["approve"], ways: null })?.kind, "ask");
  assert.equal(actFor(finding, remedy, { me, allowed: [], ways: null }), null);
  const frozen = aFinding({ rule: "freeze-in-force", outcome: "wait" });
  assert.equal(
    actFor(frozen, remedy, { me, allowed: ["approve"], ways: null }),
    null,
    "consent to a freeze is another deed",
  );
});

test("The holder of a lock is offered to be aborted, by its own page", () => {
  const finding = aFinding({ rule: "lock-free", evidence: [{ kind: "lock", ref: holder, text: "holds it" }] });
  const remedy = { kind: "free-lock", who: holder, what: `Let go of prod, or abort ${holder}.` };
  assert.deepEqual(actFor(finding, remedy, { me, allowed: [], ways: null }), {
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

const ways: OtherWays = {
  types: [
    {
      name: "late-load-test",
      rule: "evidence-fresh",
      codes: ["evidence-missing"],
      subjects: [],
      scope: {},
      controls: [],
      maxDuration: "P30D",
      renewals: 0,
    },
  ],
  overridable: new Map([["evidence-fresh", ["evidence-missing"]]]),
};
const everything = ["exemption.request", "finding.override", "emergency.open", "emergency.approve", "debt.pay"];
const viewer = { me: { ...me, permissions: everything }, allowed: [], ways };
const missing = aFinding({ rule: "evidence-fresh", outcome: "deny", code: "evidence-missing" });
const names = (acts: readonly { readonly kind: string; readonly name?: string }[]): readonly unknown[] =>
  acts.map(({ name }) => name);

test("What could be exempted or overridden is offered to those who may ask for it, and nothing else is", () => {
  assert.deepEqual(names(waysAround(missing, viewer)), ["exempt", "override"]);
  assert.deepEqual(waysAround({ ...missing, code: "evidence-failed" }, viewer), []);
  assert.deepEqual(waysAround({ ...missing, outcome: "pass" }, viewer), []);
  assert.deepEqual(
    names(waysAround({ ...missing, outcome: "unknown" }, viewer)),
    ["exempt"],
    "unknown is never passed",
  );
  assert.deepEqual(waysAround(missing, { ...viewer, me: { ...me, permissions: [] } }), []);
  assert.deepEqual(waysAround(missing, { ...viewer, ways: null }), []);
});

test("A debt, a ticket and its approval are offered where the remedy names them", () => {
  const debt = aFinding({ rule: "debts-settled", evidence: [{ kind: "debt", ref: "DB-4", text: "review" }] });
  const pay = { kind: "change", who: "team ledger", what: "Pay the debt DB-4 (review)." };
  assert.deepEqual(actFor(debt, pay, viewer), {
    kind: "ask",
    label: "Say that it is done…",
    name: "pay-debt",
    of: "DB-4",
  });
  const lane = aFinding({ rule: "emergency-permitted", evidence: [{ kind: "emergency", ref: "EM-7", text: "INC" }] });
  const approve = { kind: "approve", who: "approvers on duty", what: "Approve the emergency EM-7." };
  assert.deepEqual(actFor(lane, approve, viewer), {
    kind: "ask",
    label: "Approve it…",
    name: "approve-emergency",
    of: "EM-7",
  });
  const open = { kind: "change", who: "requester", what: "Open a new emergency ticket." };
  assert.deepEqual(actFor(lane, open, viewer), { kind: "ask", label: "Open a ticket…", name: "emergency" });
  assert.equal(actFor(lane, open, { ...viewer, ways: null }), null);
});

test("An emergency is offered where it would pass something, and not within one", () => {
  const subject = {
    service: "a",
    version: "1",
    environment: "prod",
    action: "deploy",
    class: "normal",
    invoker: "person",
    requestedBy: null,
    contentDigest: null,
    onBehalfOf: null,
  };
  const closed = aFinding({ rule: "inside-window", outcome: "wait", code: "outside-window" });
  assert.equal(mayDeclare({ findings: [closed], subject }, viewer), true);
  assert.equal(mayDeclare({ findings: [missing], subject }, viewer), false, "evidence is missing in the lane as well");
  assert.equal(mayDeclare({ findings: [closed], subject: { ...subject, class: "emergency" } }, viewer), false);
  assert.equal(mayDeclare({ findings: [closed], subject }, { ...viewer, me: { ...me, permissions: [] } }), false);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { ApprovalRoute } from "#core/approval/route.ts";
import { eligibilityOf } from "#core/approval/eligibility.ts";
import { approvedByAnother } from "#core/policy/rules/approved-by-another.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { anApproval, anArtifact, aPerson, aRoute, aSubject, at, peopleOf, someFacts } from "#core/testing.ts";

const ann = aPerson("ann", {
  accounts: [
    { name: "ann", kind: "human" },
    { name: "ann-bot", kind: "bot" },
  ],
});
const people = peopleOf(ann, aPerson("bob"), aPerson("cleo"), aPerson("dan", { roles: ["developer"] }));
const facts = someFacts({
  people,
  routes: [aRoute({ validFor: Temporal.Duration.from("P7D") })],
  subject: aSubject({ requestedBy: "bob" }),
  artifact: anArtifact({ author: "ann-bot" }),
});

test("approved-by-another says who can approve", () => {
  const judgement = valueAt(approvedByAnother.judge(facts), facts.at);
  assert.equal(judgement.sentence, "0 of 1 approvals on the route prod.");
  assert.ok("remedies" in judgement);
  assert.deepEqual(judgement.remedies, [{ kind: "approve", who: "cleo", what: "Approve this content." }]);
});

test("approved-by-another asks nobody about what goes back, unless a route names the action", () => {
  const codeOf = (scope: ApprovalRoute["scope"]) => {
    const routes = [aRoute({ scope })];
    const subject = aSubject({ requestedBy: "bob", action: "roll-back" });
    return valueAt(approvedByAnother.judge({ ...facts, routes, subject }), facts.at).code;
  };
  assert.equal(codeOf({}), "no-route");
  assert.equal(codeOf({ actions: ["deploy", "roll-back"] }), "approval-missing");
  assert.equal(codeOf({ actions: ["deploy"] }), "no-route");
});

test("approved-by-another turns to deny at the very instant at which the approval expires", () => {
  const timeline = approvedByAnother.judge({ ...facts, approvals: [anApproval("cleo")] });
  assert.equal(valueAt(timeline, at("2026-03-27T08:59:59Z")).outcome, "pass");
  assert.equal(valueAt(timeline, at("2026-03-27T09:00:00Z")).outcome, "deny");
});

for (const [account, eligibility] of [
  ["cleo", "eligible"],
  ["bob", "own-request"],
  ["ann", "own-work"],
  ["dan", "not-entitled"],
  ["mallory", "not-entitled"],
] as const) {
  test(`${account} is told beforehand: ${eligibility}`, () => assert.equal(eligibilityOf(facts, account), eligibility));
}

test("an approval counts exactly when its giver was eligible", () => {
  fc.assert(
    fc.property(fc.constantFrom("ann", "ann-bot", "bob", "cleo", "dan", "mallory"), (account) => {
      const judged = valueAt(approvedByAnother.judge({ ...facts, approvals: [anApproval(account)] }), facts.at);
      assert.equal(judged.outcome === "pass", eligibilityOf(facts, account) === "eligible");
    }),
  );
});

test("no accounts of requester and author together ever approve", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("ann", "ann-bot", "bob")), (accounts) => {
      const approvals = accounts.map((account) => anApproval(account));
      assert.equal(valueAt(approvedByAnother.judge({ ...facts, approvals }), facts.at).outcome, "deny");
    }),
  );
});

test("whoever registered it is barred as well as the author that they name, and the sentence says why", () => {
  const artifact = anArtifact({ author: "ann-bot", registeredBy: "cleo" });
  const asked = { ...facts, artifact, approvals: [anApproval("cleo")] };
  assert.equal(eligibilityOf(asked, "cleo"), "own-work");
  assert.equal(eligibilityOf(asked, "ann"), "own-work");
  const judgement = valueAt(approvedByAnother.judge(asked), facts.at);
  assert.equal(judgement.outcome, "deny");
  assert.match(judgement.sentence, /; not counted: cleo registered it/);
});

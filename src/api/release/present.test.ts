import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOfArtifact, fakeApi, personWith, start } from "#test/api/fakes.ts";
import { actionsOn, presentDetail, presentSummary } from "#api/release/present.ts";
import { aRoute } from "#core/testing.ts";
import type { DeploymentState } from "#core/rollout/state.ts";
import type { Role } from "#core/catalog/people.ts";
import type { Identity } from "#usecases/access/identity.ts";
import type { DeploymentFullView } from "#usecases/views.ts";

function viewIn(state: DeploymentState): DeploymentFullView {
  const api = fakeApi();
  const view = api.deployments.get(api.seed(state));
  assert.ok(view !== undefined);
  return view;
}

function viewer(role: Role): Identity {
  const actor = { person: role, account: `${role}@example`, method: "session" } as const;
  const credential = { id: "tok_1", kind: "session", expiresAt: start, grantedUntil: start } as const;
  return { actor, person: personWith(role), credential };
}

for (const [state, role, allowed] of [
  ["waiting", "approver", "approve reject"],
  ["waiting", "operator", "abort"],
  ["waiting", "developer", "abort"],
  ["waiting", "viewer", ""],
  ["running", "approver", ""],
  ["running", "operator", "abort"],
  ["succeeded", "operator", "roll-back"],
  ["rolled-back", "operator", ""],
  ["succeeded", "auditor", ""],
] as const) {
  test(`${role} may do with a deployment that is ${state}: ${allowed === "" ? "nothing" : allowed}`, () => {
    const actions = actionsOn(viewIn(state), viewer(role), start);
    assert.deepEqual(
      actions.map(({ name }) => name),
      ["approve", "reject", "abort", "go-on", "go-back", "roll-back"],
    );
    const names = actions.filter((action) => action.allowed).map(({ name }) => name);
    assert.equal(names.join(" "), allowed);
    for (const { because } of actions) assert.match(because, /\.$/);
  });
}

test("nobody is offered to decide on what they asked for, or twice on the same content", () => {
  const waiting = viewIn("waiting");
  const { consent } = waiting;
  const own = { ...waiting, consent: { ...consent, content: { ...consent.content, requestedBy: "approver" } } };
  assert.equal(actionsOn(own, viewer("approver"), start)[0]?.because, "Nobody decides on their own request.");
  const decided = {
    service: "checkout-api",
    version: "5.0.1",
    environment: "prod-emea",
    person: "approver",
    decision: "approved",
    at: start,
    contentDigest: digestOfArtifact,
    reason: null,
  } as const;
  const again = actionsOn({ ...waiting, approvals: [decided] }, viewer("approver"), start);
  assert.equal(again[0]?.because, "You have approved this content.");
  const other = { ...decided, contentDigest: `sha256:${"b".repeat(64)}` };
  assert.equal(actionsOn({ ...waiting, approvals: [other] }, viewer("approver"), start)[0]?.allowed, true);
});

test("content with all its approvals waits for no more of them, and can still be rejected", () => {
  const waiting = viewIn("waiting");
  const [approve, reject] = actionsOn(
    { ...waiting, consent: { ...waiting.consent, route: aRoute({ approvals: 0 }) } },
    viewer("approver"),
    start,
  );
  assert.equal(approve?.because, "It has 0 of 0 approvals on the route prod and needs no more.");
  assert.equal(reject?.allowed, true);
});

test("before it starts, the version that is live is the one that it would replace", () => {
  const detailOf = (state: DeploymentState) =>
    presentDetail({ ...viewIn(state), liveVersion: "4.9.0" }, viewer("viewer"), start).control;
  assert.deepEqual([detailOf("waiting"), detailOf("running"), detailOf("succeeded")], ["4.9.0", "5.0.0", "5.0.0"]);
});

for (const [state, headline] of [
  ["waiting", "Must wait: No window is open for prod-emea. It opens on 2026-03-28T00:00Z."],
  ["queued", "It is allowed and waits for its turn in prod-emea."],
  ["running", "5.0.1 has no traffic; 5.0.0 serves all of it."],
  ["failed", "It ended."],
] as const) {
  test(`the headline of a deployment that is ${state} is one sentence for a person`, () => {
    assert.equal(presentSummary(viewIn(state), start).headline, headline);
  });
}

test("instants are UTC with Z and without a fraction that says nothing", () => {
  const summary = presentSummary(viewIn("waiting"), start.add({ milliseconds: 120 }));
  assert.equal(summary.requestedAt, "2026-03-25T08:00:00Z");
  assert.equal(summary.opensAt, "2026-03-28T00:00:00Z");
  assert.equal(summary.asOf, "2026-03-25T08:00:00.12Z");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call } from "#usecases/operations.ts";
import { callBy, openCalendarPlane } from "#test/support/calendar-plane.ts";
import { aDigest, at } from "#test/support/store.ts";

const people = ["ann", "bob", "dana", "eve"].map(
  (name) => `
---
kind: Person
metadata: { name: ${name} }
spec: { teams: [checkout], roles: [developer, approver], accounts: [{ name: ${name}, kind: human }, { name: ${name}-ci, kind: bot }] }`,
);
const world = `
kind: Unit
metadata: { name: retail }
spec: {}
---
kind: Team
metadata: { name: checkout }
spec: { unit: retail }
---
kind: Service
metadata: { name: checkout-api }
spec: { unit: retail, team: checkout, tier: 1 }
---
kind: Environment
metadata: { name: prod-emea }
spec: { zone: Europe/Berlin, protected: true }
---
kind: ApprovalRoute
metadata: { name: prod }
spec: { scope: {}, approvals: 1, roles: [approver] }${people.join("")}
`;

const callWith = (person: string, account: string): Call => ({
  actor: { person, account, method: "token" },
  requestId: "test",
});

for (const [title, registrant, author, expected] of [
  ["a person who names another as author", callWith("ann", "ann"), "dana", { ann: "own-work", dana: "own-work" }],
  ["a person who names nobody", callWith("ann", "ann"), null, { ann: "own-work", dana: "approved" }],
  ["a pipeline that names the author", callWith("ann", "ann-ci"), "dana", { ann: "approved", dana: "own-work" }],
  ["a pipeline that names nobody", callWith("ann", "ann-ci"), null, { ann: "own-work", dana: "approved" }],
] as const) {
  for (const [person, decided] of Object.entries(expected)) {
    test(`registered by ${title}, ${person} is told ${decided}`, async () => {
      await using plane = await openCalendarPlane(world, at("2026-04-01T10:00:00Z"));
      const artifact = { service: "checkout-api", version: "1.0.0", digest: aDigest, author };
      assert.ok((await plane.operations.registerArtifact(artifact, registrant)).ok);
      const wanted = { service: "checkout-api", version: "1.0.0", environment: "prod-emea" } as const;
      const request = { ...wanted, class: "normal", whenBlocked: "wait" } as const;
      const requested = await plane.operations.requestDeployment(request, callBy("bob"));
      assert.ok(requested.ok);
      const id = requested.value;
      const view = await plane.store.views.deployment(id);
      const contentDigest = view?.record.contentDigest ?? "";
      const approval = { id, contentDigest, decision: "approved", reason: null, despite: [] } as const;
      const answer = await plane.operations.decideApproval(approval, callBy(person));
      assert.equal(answer.ok ? "approved" : answer.error, decided);
    });
  }
}

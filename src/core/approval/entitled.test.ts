import assert from "node:assert/strict";
import { test } from "node:test";
import { can } from "#core/access/can.ts";
import { isEntitled } from "#core/approval/count.ts";
import { roles, type Role } from "#core/catalog/people.ts";
import { aPerson, aRoute } from "#core/testing.ts";

/** Roles of which a route may name people who only look, or run the installation. */
const neverByRole: ReadonlySet<Role> = new Set(["viewer", "auditor", "administrator"]);

for (const role of roles) {
  const counts = !neverByRole.has(role);
  test(`on a route that names ${role} the consent of one ${counts ? "counts" : "does not count"}`, () => {
    const person = aPerson("ann", { roles: [role] });
    assert.equal(isEntitled(aRoute({ roles: [role], teams: [] }), person), counts);
    assert.equal(can({ person }, "approval.decide").allowed, counts, "whoever counts may also decide");
  });
}

test("a permission to decide is no consent: the route has to name the person", () => {
  const developer = aPerson("ann", { roles: ["developer"], teams: ["cart"] });
  assert.equal(isEntitled(aRoute({ roles: ["approver"], teams: [] }), developer), false);
  assert.equal(isEntitled(aRoute({ roles: [], teams: ["cart"] }), developer), true);
  assert.equal(isEntitled(aRoute({ roles: [], teams: ["cart"] }), { ...developer, roles: ["auditor"] }), false);
});

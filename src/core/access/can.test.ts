import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { permissions as wirePermissions } from "#contract/permission.ts";
import { can } from "#core/access/can.ts";
import { changingPermissions, permissions, type Permission } from "#core/access/permission.ts";
import { roles, type Role } from "#core/catalog/people.ts";
import { aPerson } from "#core/testing.ts";

/** The whole matrix as an independent table: one mark per role, in the order of `roles`. */
//                          viewer developer approver operator release-manager compliance auditor administrator
const matrix: Readonly<Record<Permission, string>> = {
  "organisation.read": "xxxxxxxx",
  "configuration.read": "xxxxxxxx",
  "configuration.apply": "....x..x",
  "verdict.ask": "xxxxxxxx",
  "deployment.read": "xxxxxxxx",
  "deployment.request": ".x.xx...",
  "deployment.abort": ".x.xx...",
  "deployment.decide": "...xx...",
  "deployment.roll-back": "...xx...",
  "decision.state": "xxxxxx..",
  "run.start": "...xx...",
  "run.change": "...xx...",
  "task.answer": ".xxxxx..",
  "approval.decide": ".xxxxx..",
  "artifact.register": ".x..x...",
  "slot.negotiate": ".x.xx...",
  "load-profile.record": ".x.xx...",
  "cover.change": "...xx...",
  "calendar.import": "...xx...",
  "reflow.decide": "...xx...",
  "report.submit": "...xx...",
  "hold.change": "...xxx..",
  "reservation.change": ".x.xx...",
  "reservation.arbitrate": "....x...",
  "stop.change": "...xxx.x",
  "exemption.request": ".x.xx...",
  "exemption.approve": ".....x..",
  "finding.override": "....xx..",
  "emergency.open": ".x.xx...",
  "emergency.approve": "..x.xx..",
  "debt.pay": ".xxxxx..",
  "feed.manage": "xxxxxxxx",
  "hook.manage": "...xx..x",
  "audit.read": "....xxxx",
  "audit.export": ".....xx.",
  "clock.set": ".......x",
  "token.manage": "xxxxxxxx",
  "installation.read": "xxxxxxxx",
};

for (const permission of permissions) {
  for (const [index, role] of roles.entries()) {
    const expected = matrix[permission][index] === "x";
    test(`the role ${role} ${expected ? "grants" : "does not grant"} ${permission}`, () => {
      const { allowed, because } = can({ person: aPerson("ann", { roles: [role] }) }, permission);
      assert.equal(allowed, expected);
      assert.ok(because.length > 0 && because.every((sentence) => sentence.endsWith(".")));
    });
  }
}

test("the contract names exactly these permissions", () => {
  assert.deepEqual(wirePermissions, permissions);
});

test("a person without a role may do nothing", () => {
  for (const permission of permissions) {
    const { allowed, because } = can({ person: aPerson("ann", { roles: [] }) }, permission);
    assert.equal(allowed, false);
    assert.deepEqual(because, [`ann has no role, and none of it grants ${permission}.`]);
  }
});

test("no set of roles with an auditor among them can change anything", () => {
  fc.assert(
    fc.property(fc.subarray([...roles]), fc.constantFrom(...changingPermissions), (others, permission) => {
      const held: readonly Role[] = ["auditor", ...others];
      assert.equal(can({ person: aPerson("ann", { roles: held }) }, permission).allowed, false);
    }),
  );
});

test("without a denial more roles never allow less", () => {
  const free = roles.filter((role) => role !== "auditor");
  fc.assert(
    fc.property(
      fc.subarray(free),
      fc.constantFrom(...free),
      fc.constantFrom(...permissions),
      (held, more, permission) => {
        const before = can({ person: aPerson("ann", { roles: held }) }, permission).allowed;
        const after = can({ person: aPerson("ann", { roles: [...held, more] }) }, permission).allowed;
        assert.ok(!before || after);
      },
    ),
  );
});

test("tokens of another person are an administrator's affair", () => {
  const others = { owner: "bob" };
  assert.equal(can({ person: aPerson("ann", { roles: ["developer"] }) }, "token.manage", others).allowed, false);
  assert.equal(can({ person: aPerson("bob", { roles: ["developer"] }) }, "token.manage", others).allowed, true);
  assert.equal(can({ person: aPerson("ann", { roles: ["administrator"] }) }, "token.manage", others).allowed, true);
});

test("what a developer reports comes from automation: their bots may, they may not", () => {
  const accounts = [
    { name: "ann", kind: "human" },
    { name: "ann-ci", kind: "bot" },
  ] as const;
  const person = aPerson("ann", { roles: ["developer"], accounts });
  assert.equal(can({ person, actor: { account: "ann-ci" } }, "report.submit").allowed, true);
  assert.deepEqual(can({ person, actor: { account: "ann" } }, "report.submit").because, [
    "The role developer grants report.submit to automation accounts only: use one of ann's bots.",
  ]);
  const both = { ...person, roles: ["developer", "operator"] as const };
  assert.equal(can({ person: both, actor: { account: "ann" } }, "report.submit").allowed, true);
  const auditor = { ...person, roles: ["developer", "auditor"] as const };
  assert.equal(can({ person: auditor, actor: { account: "ann-ci" } }, "report.submit").allowed, false);
});

test("an administrator neither deploys nor approves by that role alone", () => {
  const root = { person: aPerson("root", { roles: ["administrator"] }) };
  assert.equal(can(root, "deployment.request").allowed, false);
  assert.equal(can(root, "approval.decide").allowed, false);
});

import { changingPermissions, type Permission } from "#core/access/permission.ts";
import type { Role } from "#core/catalog/people.ts";

const reading: readonly Permission[] = [
  "organisation.read",
  "configuration.read",
  "verdict.ask",
  "deployment.read",
  "installation.read",
  "token.manage",
  "feed.manage",
];

/**
 * What each role may do. Roles add up. An administrator runs the installation and neither deploys nor approves: who
 * needs that holds the role for it, and is judged by every rule like everybody (semantics §3.9). `approval.decide` lets
 * somebody answer a route and no more: whose consent counts says the route that applies, by role or team (`isEntitled`),
 * so every role that does work has it, and those that only look or run the installation do not. `decision.state` lets
 * somebody speak while it is decided about a way back: business is asked, and business only looks (`mayState`).
 */
export const grants: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: [...reading, "decision.state"],
  developer: [
    ...reading,
    "decision.state",
    "deployment.request",
    "deployment.abort",
    "approval.decide",
    "task.answer",
    "artifact.register",
    "slot.negotiate",
    "load-profile.record",
    "report.submit",
    "exemption.request",
    "emergency.open",
    "debt.pay",
    "reservation.change",
  ],
  approver: [...reading, "decision.state", "approval.decide", "task.answer", "emergency.approve", "debt.pay"],
  operator: [
    ...reading,
    "decision.state",
    "deployment.request",
    "deployment.abort",
    "deployment.decide",
    "deployment.roll-back",
    "run.start",
    "run.change",
    "approval.decide",
    "task.answer",
    "slot.negotiate",
    "load-profile.record",
    "cover.change",
    "calendar.import",
    "reflow.decide",
    "report.submit",
    "hold.change",
    "reservation.change",
    "stop.change",
    "hook.manage",
    "exemption.request",
    "emergency.open",
    "debt.pay",
  ],
  "release-manager": [
    ...reading,
    "decision.state",
    "deployment.request",
    "deployment.abort",
    "deployment.decide",
    "deployment.roll-back",
    "run.start",
    "run.change",
    "approval.decide",
    "task.answer",
    "artifact.register",
    "slot.negotiate",
    "load-profile.record",
    "cover.change",
    "calendar.import",
    "reflow.decide",
    "report.submit",
    "hold.change",
    "reservation.change",
    "reservation.arbitrate",
    "stop.change",
    "hook.manage",
    "exemption.request",
    "emergency.open",
    "debt.pay",
    "emergency.approve",
    "finding.override",
    "configuration.apply",
    "audit.read",
  ],
  compliance: [
    ...reading,
    "decision.state",
    "approval.decide",
    "task.answer",
    "hold.change",
    "stop.change",
    "exemption.approve",
    "emergency.approve",
    "debt.pay",
    "finding.override",
    "audit.read",
    "audit.export",
  ],
  auditor: [...reading, "audit.read", "audit.export"],
  administrator: [...reading, "configuration.apply", "stop.change", "hook.manage", "clock.set", "audit.read"],
};

/**
 * What a role takes away, whatever other roles grant: who audits the records may not also make them.
 */
export const denials: Readonly<Partial<Record<Role, readonly Permission[]>>> = {
  auditor: changingPermissions,
};

/**
 * What a role grants to automation accounts only: developers answer for the pipelines that measure, and do not vouch for
 * their own work by hand.
 */
export const botOnly: Readonly<Partial<Record<Role, readonly Permission[]>>> = {
  developer: ["report.submit"],
};

/** Things that belong to one person, and the roles that may touch another person's. */
export const ownedPermissions: Readonly<Partial<Record<Permission, readonly Role[]>>> = {
  "token.manage": ["administrator"],
};

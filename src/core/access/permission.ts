/** The closed list of what a person may be allowed to do: one per operation. The contract names the same ones. */
export const permissions = [
  "organisation.read",
  "configuration.read",
  "configuration.apply",
  "verdict.ask",
  "deployment.read",
  "deployment.request",
  "deployment.abort",
  "deployment.decide",
  "deployment.roll-back",
  "approval.decide",
  "artifact.register",
  "slot.negotiate",
  "load-profile.record",
  "cover.change",
  "calendar.import",
  "reflow.decide",
  "feed.manage",
  "audit.read",
  "audit.export",
  "clock.set",
  "token.manage",
  "installation.read",
] as const;
export type Permission = (typeof permissions)[number];

/** Permissions with which something of the domain changes. */
export const changingPermissions: readonly Permission[] = [
  "configuration.apply",
  "deployment.request",
  "deployment.abort",
  "deployment.decide",
  "deployment.roll-back",
  "approval.decide",
  "artifact.register",
  "slot.negotiate",
  "load-profile.record",
  "cover.change",
  "calendar.import",
  "reflow.decide",
  "clock.set",
];

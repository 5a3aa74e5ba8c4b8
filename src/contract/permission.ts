/** What a person may be allowed to do; one per operation (`core/access/can` decides). */
export const permissions = [
  "organisation.read",
  "configuration.read",
  "configuration.apply",
  "verdict.ask",
  "deployment.read",
  "deployment.request",
  "deployment.abort",
  "deployment.roll-back",
  "approval.decide",
  "artifact.register",
  "slot.negotiate",
  "load-profile.record",
  "cover.change",
  "audit.read",
  "audit.export",
  "clock.set",
  "token.manage",
  "installation.read",
] as const;
export type Permission = (typeof permissions)[number];

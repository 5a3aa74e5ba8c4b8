export interface Unit {
  readonly name: string;
}

export interface Team {
  readonly name: string;
  readonly unit: string;
}

/**
 * A human being. One person may have several accounts, bots among them; every rule about duties compares
 * persons, never accounts (semantics §4).
 */
export interface Person {
  readonly name: string;
  readonly displayName: string;
  readonly teams: readonly string[];
  readonly roles: readonly Role[];
  readonly accounts: readonly Account[];
}

export interface Account {
  readonly name: string;
  readonly kind: "human" | "bot";
}

export const roles = [
  "viewer",
  "developer",
  "approver",
  "operator",
  "release-manager",
  "compliance",
  "auditor",
  "administrator",
] as const;
export type Role = (typeof roles)[number];

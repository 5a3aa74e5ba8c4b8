import type { Scope } from "#core/catalog/scope.ts";
import type { Person } from "#core/catalog/people.ts";

/** Somebody has put a hold on what matches; it is lifted by whom it names, or at its end, never by forgetting. */
export interface Hold {
  readonly id: string;
  readonly scope: Scope;
  readonly reason: string;
  /** Person. */
  readonly by: string;
  readonly since: Temporal.Instant;
  /** null: until somebody lifts it. */
  readonly until: Temporal.Instant | null;
  /** Person, team or role that may lift it. */
  readonly liftedBy: string;
}

/** The global stop (semantics §3.7) outranks everything: nothing starts, roll-backs excepted when it says so. */
export interface Stop {
  readonly id: string;
  readonly reason: string;
  /** Person. */
  readonly by: string;
  readonly since: Temporal.Instant;
  readonly until: Temporal.Instant | null;
  readonly allowsRollBack: boolean;
}

/** True when the name is that of the person, of a team of theirs or of a role they hold. */
export function isMeant(name: string, person: Person): boolean {
  return person.name === name || person.teams.includes(name) || person.roles.some((role) => role === name);
}

import type { Duty } from "#core/calendar/cover/rota.ts";
import { err, ok, type Result } from "#core/result.ts";

/** One entry of a rendered schedule: layers and overrides are worked into it already. */
export interface ScheduleEntry {
  readonly start: string;
  readonly end: string;
  readonly user: {
    readonly id?: string | null | undefined;
    readonly summary?: string | null | undefined;
    readonly email?: string | null | undefined;
  };
}

/**
 * The duties of a rendered schedule. `persons` translates what the other system calls somebody (id, name or address);
 * whom it does not name is taken by the name of that system. Error: the entry for whom no name is given.
 */
export function dutiesInSchedule(
  entries: readonly ScheduleEntry[],
  persons: Readonly<Record<string, string>>,
): Result<readonly Duty[], string> {
  const duties: Duty[] = [];
  for (const { start, end, user } of entries) {
    const names = [user.id, user.email, user.summary].filter(isName);
    const known = names.find((name) => Object.hasOwn(persons, name));
    const person = known === undefined ? names.at(-1) : persons[known];
    if (person === undefined) return err(`the entry from ${start} to ${end}`);
    duties.push({ person, from: Temporal.Instant.from(start), to: Temporal.Instant.from(end) });
  }
  return ok(duties);
}

function isName(name: string | null | undefined): name is string {
  return name !== undefined && name !== null && name !== "";
}

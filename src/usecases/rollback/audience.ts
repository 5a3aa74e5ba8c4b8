import type { Person } from "#core/catalog/people.ts";
import { isMeant } from "#core/release/hold.ts";
import { onCallOf } from "#usecases/plan/on-call.ts";
import type { Records } from "#usecases/records.ts";

/** Whether a name is that of a person, of a team of theirs or of a role they hold. */
export function isOfWith(people: ReadonlyMap<string, Person>): (name: string, person: string) => boolean {
  return (name, person) => {
    const known = people.get(person);
    return known === undefined ? name === person : isMeant(name, known);
  };
}

/** Who is meant by names: of a team whoever is on call now, and everybody of it when nobody knows who that is. */
export async function personsOf(
  records: Records,
  names: readonly string[],
  at: Temporal.Instant,
): Promise<readonly string[]> {
  const { people, teams } = await records.catalog.inForce();
  const found = new Set<string>();
  const whole = names.filter((name) => !teams.has(name));
  const duty = await onCallOf(
    records,
    names.filter((name) => teams.has(name)),
    at,
  );
  for (const { team, persons, unknown } of duty) {
    for (const person of persons) found.add(person);
    if (unknown !== null || persons.length === 0) whole.push(team);
  }
  for (const person of people.values()) if (whole.some((name) => isMeant(name, person))) found.add(person.name);
  return [...found].toSorted();
}

import type { Person } from "#core/catalog/people.ts";

/**
 * Resolves the name of a person or of any account, bots among them, to the person (semantics §4). Null for a name that
 * the directory does not know; without any directory (no people at all) a name stands for itself.
 */
export function personResolver(people: ReadonlyMap<string, Person>): (name: string) => string | null {
  const byAccount = new Map<string, string>();
  for (const person of people.values()) {
    for (const account of person.accounts) byAccount.set(account.name, person.name);
  }
  return (name) => {
    if (people.size === 0) return name;
    const known = people.get(name);
    return known === undefined ? (byAccount.get(name) ?? null) : known.name;
  };
}

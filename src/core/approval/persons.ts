import type { Person } from "#core/catalog/people.ts";

/**
 * Resolves the name of a person or of any account, bots among them, to the person (semantics §4). Null for a name that
 * the directory does not know; without any directory (no people at all) a name stands for itself.
 */
export function personResolver(people: ReadonlyMap<string, Person>): (name: string) => string | null {
  return (name) => {
    if (people.size === 0) return name;
    const known = people.get(name);
    return known === undefined ? (accountsOf(people).get(name) ?? null) : known.name;
  };
}

// A directory is a value: it is replaced as a whole, so what is derived from it lives as long as it does.
const accounts = new WeakMap<ReadonlyMap<string, Person>, ReadonlyMap<string, string>>();

function accountsOf(people: ReadonlyMap<string, Person>): ReadonlyMap<string, string> {
  const known = accounts.get(people);
  if (known !== undefined) return known;
  const byAccount = new Map<string, string>();
  for (const person of people.values()) {
    for (const account of person.accounts) byAccount.set(account.name, person.name);
  }
  accounts.set(people, byAccount);
  return byAccount;
}

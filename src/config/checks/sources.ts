import type { Located } from "#config/checks/check.ts";
import type { Document } from "#config/document.ts";
import { itemsOf, member } from "#config/json.ts";

type Named = ReadonlyMap<string, Document>;

/** Accounts that nobody has: the source would stay silent. */
export function silentSources(sources: Named, people: Named): readonly Located[] {
  if (people.size === 0) return [];
  const known = new Set([...people.values()].flatMap(accountsOf));
  return [...sources.values()].flatMap((document) =>
    itemsOf(member(document.spec, "accounts")).flatMap((account, index): Located[] => {
      if (typeof account !== "string" || known.has(account)) return [];
      const message = `Nobody has the account ${account}.`;
      const remedy = "Name one of the accounts of a Person.";
      return [{ document, problem: { at: ["spec", "accounts", index], code: "unknown-reference", message, remedy } }];
    }),
  );
}

/** A person without stated accounts has one of their own name. */
function accountsOf({ name, spec }: Document): readonly string[] {
  const named = itemsOf(member(spec, "accounts")).map((account) => member(account, "name"));
  return [name, ...named.filter((account) => typeof account === "string")];
}

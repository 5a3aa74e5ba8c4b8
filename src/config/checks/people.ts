import { type Located, whereIs } from "#config/checks/check.ts";
import type { Document } from "#config/document.ts";
import { itemsOf, member } from "#config/json.ts";

type Named = ReadonlyMap<string, Document>;

/** An account of two persons would let one person be two in a rule about duties. */
export function sharedAccounts(people: Named): readonly Located[] {
  const owners = new Map<string, Document>();
  const problems: Located[] = [];
  for (const document of people.values()) {
    for (const [index, item] of itemsOf(member(document.spec, "accounts")).entries()) {
      const name = member(item, "name");
      if (typeof name !== "string") continue;
      const owner = owners.get(name) ?? document;
      owners.set(name, owner);
      if (owner === document) continue;
      const at = ["spec", "accounts", index, "name"];
      const message = `The account ${name} already belongs to ${owner.name} at ${whereIs(owner)}.`;
      const remedy = "Leave it with the one person who answers for what it does.";
      problems.push({ document, problem: { at, code: "duplicate-account", message, remedy } });
    }
  }
  return problems;
}

/** An account named like another person would make two of one where duties are compared: names stand for persons there. */
export function borrowedNames(people: Named): readonly Located[] {
  return [...people.values()].flatMap((document) =>
    itemsOf(member(document.spec, "accounts")).flatMap((item, index): Located[] => {
      const name = member(item, "name");
      const other = typeof name === "string" && name !== document.name ? people.get(name) : undefined;
      if (other === undefined) return [];
      const at = ["spec", "accounts", index, "name"];
      const message = `The account ${other.name} has the name of another person, at ${whereIs(other)}.`;
      const remedy = "Rename the account, or the person: a name stands for one of them only.";
      return [{ document, problem: { at, code: "duplicate-account", message, remedy } }];
    }),
  );
}

/** Routes that ask for more approvals than there are persons entitled to give them. */
export function unsatisfiableRoutes(routes: Named, people: Named): readonly Located[] {
  if (people.size === 0) return [];
  return [...routes.values()].flatMap((document): Located[] => {
    const needed = member(document.spec, "approvals");
    const roles = new Set(itemsOf(member(document.spec, "roles")));
    const teams = new Set(itemsOf(member(document.spec, "teams")));
    if (typeof needed !== "number" || roles.size + teams.size === 0) return [];
    const entitled = [...people.values()].filter(
      ({ spec }) =>
        itemsOf(member(spec, "roles")).some((role) => roles.has(role)) ||
        itemsOf(member(spec, "teams")).some((team) => teams.has(team)),
    ).length;
    if (entitled >= needed) return [];
    const message = `The route asks for ${needed} approvals, and ${entitled} declared persons may give them.`;
    const remedy = "Give more persons one of its roles or teams, or ask for fewer.";
    return [
      { document, problem: { severity: "warning", at: ["spec", "approvals"], code: "no-approver", message, remedy } },
    ];
  });
}

export function ownerlessFreezes(freezes: Named): readonly Located[] {
  return [...freezes.values()].flatMap((document): Located[] => {
    if (member(document.spec, "owner") !== undefined) return [];
    const message = "Nobody answers for this freeze; people will be sent to the release managers.";
    const remedy = "Add owner: with a team, a person, a unit or a role.";
    return [{ document, problem: { severity: "warning", at: ["spec", "owner"], code: "no-owner", message, remedy } }];
  });
}

import { type Located, whereIs } from "#config/checks/check.ts";
import type { Document } from "#config/document.ts";
import { itemsOf, member } from "#config/json.ts";
import { grants } from "#core/access/grants.ts";
import { isEntitled } from "#core/approval/count.ts";
import type { ApprovalRoute } from "#core/approval/route.ts";
import { roles, type Person, type Role } from "#core/catalog/people.ts";

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

/** Routes that ask for more approvals than there are persons who are named by them and may approve at all. */
export function unsatisfiableRoutes(routes: Named, people: Named): readonly Located[] {
  if (people.size === 0) return [];
  const directory = [...people.values()].map(personOf);
  return [...routes.values()].flatMap((document): Located[] => {
    const needed = member(document.spec, "approvals");
    const wanted = rolesIn(document.spec);
    const teams = textsIn(member(document.spec, "teams"));
    if (typeof needed !== "number" || wanted.length + teams.length === 0) return [];
    const route = { ...noRoute, name: document.name, approvals: needed, roles: wanted, teams };
    const named = directory.filter(
      (person) =>
        wanted.some((role) => person.roles.includes(role)) || teams.some((team) => person.teams.includes(team)),
    );
    const entitled = named.filter((person) => isEntitled(route, person)).length;
    if (entitled >= needed) return [];
    const barred =
      named.length === entitled ? "" : ` ${named.length - entitled} more have a role that may not approve.`;
    const message = `The route asks for ${needed} approvals, and ${entitled} declared persons may give them.${barred}`;
    const remedy = `Give more persons one of its roles or teams, or ask for fewer. Roles that may approve: ${approving.join(", ")}.`;
    return [
      { document, problem: { severity: "warning", at: ["spec", "approvals"], code: "no-approver", message, remedy } },
    ];
  });
}

const noRoute: ApprovalRoute = {
  name: "",
  scope: {},
  priority: 0,
  approvals: 0,
  roles: [],
  teams: [],
  validFor: null,
};
const approving = roles.filter((role) => grants[role].includes("approval.decide"));

function personOf({ name, spec }: Document): Person {
  return { name, displayName: name, teams: textsIn(member(spec, "teams")), roles: rolesIn(spec), accounts: [] };
}

function rolesIn(spec: Document["spec"]): readonly Role[] {
  const named = itemsOf(member(spec, "roles"));
  return roles.filter((role) => named.includes(role));
}

function textsIn(value: Parameters<typeof itemsOf>[0]): readonly string[] {
  return itemsOf(value).filter((item) => typeof item === "string");
}

export function ownerlessFreezes(freezes: Named): readonly Located[] {
  return [...freezes.values()].flatMap((document): Located[] => {
    if (member(document.spec, "owner") !== undefined) return [];
    const message = "Nobody answers for this freeze; people will be sent to the release managers.";
    const remedy = "Add owner: with a team, a person, a unit or a role.";
    return [{ document, problem: { severity: "warning", at: ["spec", "owner"], code: "no-owner", message, remedy } }];
  });
}

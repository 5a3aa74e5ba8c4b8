import { botOnly, denials, grants, ownedPermissions } from "#core/access/grants.ts";
import type { Permission } from "#core/access/permission.ts";
import type { Person } from "#core/catalog/people.ts";

export interface AccessActor {
  readonly person: Person;
  /** The account that was used; absent: one of the person's own, not of their automation. */
  readonly actor?: { readonly account: string };
}

/** What the permission is wanted on; only what belongs to a person is told apart so far. */
export interface Resource {
  /** Name of the person to whom it belongs; null when it belongs to nobody in particular. */
  readonly owner: string | null;
}

export interface Access {
  readonly allowed: boolean;
  /** At least one sentence for a person, whichever way it went. */
  readonly because: readonly string[];
}

/**
 * The one policy function of authorisation. Roles add up, a denial wins over every grant, and what nobody grants is
 * not allowed. It says who may *ask*; whether the thing asked for may happen is the rules' affair, for everybody.
 */
export function can(actor: AccessActor, permission: Permission, resource: Resource = { owner: null }): Access {
  const { name, roles } = actor.person;
  const denying = roles.filter((role) => denials[role]?.includes(permission));
  if (denying.length > 0) {
    return { allowed: false, because: denying.map((role) => `The role ${role} excludes ${permission}.`) };
  }
  const holding = roles.filter((role) => grants[role].includes(permission));
  const granting = isBot(actor) ? holding : holding.filter((role) => !botOnly[role]?.includes(permission));
  if (granting.length === 0 && holding.length > 0) {
    const because = `The role ${holding.join(", ")} grants ${permission} to automation accounts only: use one of ${name}'s bots.`;
    return { allowed: false, because: [because] };
  }
  if (granting.length === 0) {
    const held = roles.length === 0 ? "no role" : `only ${roles.join(", ")}`;
    return { allowed: false, because: [`${name} has ${held}, and none of it grants ${permission}.`] };
  }
  const forOthers = ownedPermissions[permission];
  const isForeign = resource.owner !== null && resource.owner !== name;
  if (forOthers !== undefined && isForeign && !roles.some((role) => forOthers.includes(role))) {
    return { allowed: false, because: [`It belongs to ${resource.owner}; ${name} may do this only with own things.`] };
  }
  return { allowed: true, because: granting.map((role) => `The role ${role} grants ${permission}.`) };
}

function isBot({ person, actor }: AccessActor): boolean {
  return person.accounts.some(({ name, kind }) => kind === "bot" && name === actor?.account);
}

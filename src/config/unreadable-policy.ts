import { type Document, documentDigest } from "#config/document.ts";
import { member } from "#config/json.ts";
import { scopeField, toScope } from "#config/scope-field.ts";
import { sha256 } from "#core/audit/sha256.ts";
import type { Scope } from "#core/catalog/scope.ts";
import { demandsNothing, unreadable, type Policy } from "#core/policy/policy.ts";

/** Answers for a policy of which even the owner cannot be read. */
const ownerOfLastResort = "platform";

/**
 * What stands in the place of a stored policy that cannot be read any more: a clause of which nobody can say whether it
 * holds, for all that the policy may match. Nobody knows what it demanded, so nothing it may be about is allowed; everything else is.
 */
export function unreadablePolicy(document: Document, why: string): Policy {
  const { name, spec } = document;
  const owner = member(spec, "owner");
  const team = typeof owner === "string" ? owner : ownerOfLastResort;
  return {
    name,
    scope: scopeOf(document),
    level: "central",
    owner: team,
    from: null,
    until: null,
    version: documentDigest(document, sha256),
    settings: {
      ...demandsNothing,
      clauses: [
        {
          id: "readable",
          expression: unreadable,
          sentence: `The stored policy ${name} cannot be read: ${why}`,
          who: `team ${team}`,
          remedy: `Correct the policy ${name} and apply it again.`,
        },
      ],
    },
    bounds: [],
  };
}

/** As far as it can still be read; an overlay never reached beyond its team. */
function scopeOf({ spec }: Document): Scope {
  const read = scopeField.safeParse(member(spec, "scope"));
  const scope = read.success ? toScope(read.data) : {};
  const owner = member(spec, "owner");
  return member(spec, "level") === "overlay" && typeof owner === "string" ? { ...scope, teams: [owner] } : scope;
}

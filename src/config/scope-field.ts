import { z } from "zod";
import { limits } from "#config/limits.ts";
import { checkedText } from "#config/fields.ts";
import type { ValueProblem } from "#config/value-problem.ts";
import { changeActions, changeClasses, invokers, matchesGlob, type Scope } from "#core/catalog/scope.ts";

/** An empty list would match nothing at all, which nobody means. */
function someGlobs(check: (glob: string) => ValueProblem | null) {
  const glob = checkedText(check, { description: "Glob: `*` is any run of characters, `?` is one character." });
  return z.array(glob).min(1).max(limits.listLength);
}

function globs(check: (glob: string) => ValueProblem | null, description: string) {
  return someGlobs(check).optional().meta({ description });
}

/** Names with wildcards, where there must be some. */
export function globsField(description: string): ReturnType<typeof someGlobs> {
  return someGlobs(anyGlob).meta({ description });
}

function anyGlob(glob: string): ValueProblem | null {
  if (/^[A-Za-z0-9._*?-]{1,128}$/.test(glob)) return null;
  const remedy = 'Use letters, digits, "-", ".", "_", and * or ? as wildcards.';
  return { code: "bad-glob", message: "This can never match a name.", remedy };
}

/** A glob over a closed list must match one of its members. */
function globOf(members: readonly string[]): (glob: string) => ValueProblem | null {
  return (glob) =>
    members.some((member) => matchesGlob(glob, member))
      ? null
      : { code: "bad-glob", message: `"${glob}" matches none of ${members.join(", ")}.`, remedy: "Use one of them." };
}

/** Fields are ANDed, the globs inside a field are ORed, an absent field does not restrict. */
export const scopeField = z
  .strictObject({
    environments: globs(anyGlob, "Names of environments."),
    services: globs(anyGlob, "Names of services."),
    teams: globs(anyGlob, "Names of teams."),
    units: globs(anyGlob, "Names of units."),
    tags: globs(anyGlob, "Tags of services; one of them is enough."),
    regions: globs(anyGlob, "Regions of environments."),
    dataClasses: globs(anyGlob, "Data classes of services; one of them is enough."),
    tiers: z
      .array(z.number().int().min(0).max(9))
      .min(1)
      .max(10)
      .optional()
      .meta({ description: "Tiers of services." }),
    classes: globs(globOf(changeClasses), `Classes of changes: ${changeClasses.join(", ")}.`),
    actions: globs(globOf(changeActions), `Actions: ${changeActions.join(", ")}.`),
    invokers: globs(globOf(invokers), `Who acts: ${invokers.join(", ")}.`),
  })
  .meta({
    description: "What the rule is about. Fields are ANDed, the globs of a field are ORed; `{}` is everything.",
  });

/** Drops the fields that were not given, because an absent field and an undefined one are not the same type. */
export function toScope(spec: z.output<typeof scopeField>): Scope {
  const {
    environments,
    services,
    teams,
    units,
    tags,
    regions,
    dataClasses,
    tiers,
    classes,
    actions,
    invokers: by,
  } = spec;
  return {
    ...(environments === undefined ? {} : { environments }),
    ...(services === undefined ? {} : { services }),
    ...(teams === undefined ? {} : { teams }),
    ...(units === undefined ? {} : { units }),
    ...(tags === undefined ? {} : { tags }),
    ...(regions === undefined ? {} : { regions }),
    ...(dataClasses === undefined ? {} : { dataClasses }),
    ...(tiers === undefined ? {} : { tiers }),
    ...(classes === undefined ? {} : { classes }),
    ...(actions === undefined ? {} : { actions }),
    ...(by === undefined ? {} : { invokers: by }),
  };
}

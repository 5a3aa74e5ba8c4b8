import type { Located } from "#config/checks/check.ts";
import type { Document } from "#config/document.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { matchesScope, type Scope } from "#core/catalog/scope.ts";
import type { Service } from "#core/catalog/service.ts";

/**
 * Services for which no criteria name a check of an outcome: before users see a version it is asked only whether it is alive. Said
 * once somebody has begun to say such things at all.
 */
export function livenessAlone(
  services: ReadonlyMap<string, Document>,
  organisation: Pick<Organisation, "criteria" | "services">,
): readonly Located[] {
  const scopes = organisation.criteria.filter(({ checks }) => checks.length > 0).map(({ scope }) => anywhere(scope));
  if (organisation.criteria.length === 0) return [];
  return [...organisation.services.values()].flatMap((service): readonly Located[] => {
    const document = services.get(service.name);
    if (document === undefined || scopes.some((scope) => matchesScope(scope, subjectOf(service)))) return [];
    const message = `No criteria name a check for ${service.name}: before users see a version, it is asked only whether it is alive.`;
    const remedy =
      "Name a check that asserts an outcome in checks of a Criteria document, and add it to the agent's catalogue.";
    return [{ document, problem: { severity: "warning", at: ["spec"], code: "liveness-alone", message, remedy } }];
  });
}

/** Where and how does not matter here: one place with a check is a beginning. */
function anywhere({ services, teams, units, tags, dataClasses, tiers }: Scope): Scope {
  return {
    ...(services === undefined ? {} : { services }),
    ...(teams === undefined ? {} : { teams }),
    ...(units === undefined ? {} : { units }),
    ...(tags === undefined ? {} : { tags }),
    ...(dataClasses === undefined ? {} : { dataClasses }),
    ...(tiers === undefined ? {} : { tiers }),
  };
}

function subjectOf({ name, team, unit, tier, tags, dataClasses }: Service): Parameters<typeof matchesScope>[1] {
  return {
    service: name,
    team,
    unit,
    tier,
    tags,
    dataClasses,
    environment: "",
    region: null,
    class: "normal",
    action: "deploy",
    invoker: "person",
  };
}

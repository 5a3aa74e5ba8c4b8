import type { Environment } from "#core/catalog/environment.ts";
import type { ScopeSubject } from "#core/catalog/scope.ts";
import type { Service } from "#core/catalog/service.ts";
import type { Facts } from "#core/policy/facts.ts";
import { rememberLast } from "#core/policy/remember-last.ts";

/** What scopes are matched against for this subject; null when service or environment are not in the catalog. */
export function subjectScope(facts: Pick<Facts, "subject" | "service" | "environment">): ScopeSubject | null {
  return scopeOf(facts.subject, facts.service, facts.environment);
}

const scopeOf = rememberLast(makeScope);

function makeScope(
  subject: Facts["subject"],
  service: Facts["service"],
  environment: Facts["environment"],
): ScopeSubject | null {
  if (service === null || environment === null) return null;
  return {
    ...placeScope(service, environment),
    class: subject.class,
    action: subject.action,
    invoker: subject.invoker,
  };
}

/** A service in an environment as scopes see it, whatever a person does there in the ordinary course. */
export function placeScope(service: Service, environment: Environment): ScopeSubject {
  return {
    environment: environment.name,
    region: environment.region,
    service: service.name,
    team: service.team,
    unit: service.unit,
    tier: service.tier,
    tags: service.tags,
    dataClasses: service.dataClasses,
    class: "normal",
    action: "deploy",
    invoker: "person",
  };
}

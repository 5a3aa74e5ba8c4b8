import type { ScopeSubject } from "#core/catalog/scope.ts";
import type { Facts } from "#core/policy/facts.ts";

/** What scopes are matched against for this subject; null when service or environment are not in the catalog. */
export function subjectScope(facts: Pick<Facts, "subject" | "service" | "environment">): ScopeSubject | null {
  const { subject, service, environment } = facts;
  if (service === null || environment === null) return null;
  return {
    environment: environment.name,
    region: environment.region,
    service: service.name,
    team: service.team,
    unit: service.unit,
    tier: service.tier,
    tags: service.tags,
    dataClasses: service.dataClasses,
    class: subject.class,
    action: subject.action,
    invoker: subject.invoker,
  };
}

import type { Environment } from "#core/catalog/environment.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { inPromotionOrder } from "#core/catalog/promotion-order.ts";
import { concernsService, partsOf } from "#core/catalog/scope-parts.ts";
import type { Scope } from "#core/catalog/scope.ts";
import type { Service } from "#core/catalog/service.ts";
import type { EmergencyTicket } from "#core/exemption/emergency.ts";
import { defaultEmergency } from "#core/exemption/lane.ts";
import type { RegisteredDebt, RegisteredExemption } from "#core/exemption/register.ts";
import { effectiveSettings, type EffectiveSettings } from "#core/policy/effective.ts";
import type { EmergencyDemand } from "#core/policy/policy.ts";
import { placeScope } from "#core/policy/subject-scope.ts";
import { listDebts, openEmergencies } from "./emergency.ts";
import { listExemptions } from "./exemption.ts";
import { listHolds, type StoredHold } from "./hold.ts";
import { liveOf } from "./inventory.ts";
import { organisationInForce, type OrganisationCache } from "./organisation.ts";
import type { Queryable } from "./sql.ts";

/** Everything about one service, for its page. */
export interface StoredServicePage {
  readonly service: Service;
  readonly dependants: readonly string[];
  readonly places: readonly {
    readonly environment: Environment;
    readonly live: { readonly version: string; readonly since: Temporal.Instant } | null;
    readonly settings: EffectiveSettings;
    readonly emergency: EmergencyDemand;
  }[];
  readonly holds: readonly StoredHold[];
  readonly exemptions: readonly RegisteredExemption[];
  readonly emergencies: readonly EmergencyTicket[];
  readonly debts: readonly RegisteredDebt[];
}

/** As many as can be in force or open at the same time. */
const maxInForce = 500;
/** Emergencies and debts of one service and team: more would be a page of its own. */
const maxOpen = 100;

/** null when the configuration in force knows no service of that name. */
export async function readService(
  client: Queryable,
  organisations: OrganisationCache,
  name: string,
  at: Temporal.Instant,
): Promise<StoredServicePage | null> {
  const organisation = await organisationInForce(client, organisations);
  const service = organisation.services.get(name);
  if (service === undefined) return null;
  const live = new Map((await liveOf(client, name)).map((found) => [found.environment, found]));
  const holds = await listHolds(client, { inForceAt: at, limit: maxInForce, cursor: null });
  const exemptions = await listExemptions(client, { openAt: at, limit: maxInForce, cursor: null });
  const isAbout = (scope: Scope): boolean => concernsService(partsOf(scope), service);
  return {
    service,
    dependants: dependantsOf(organisation, name),
    places: inPromotionOrder([...organisation.environments.values()]).map((environment) => ({
      environment,
      live: live.get(environment.name) ?? null,
      ...demandedOf(organisation, service, environment, at),
    })),
    holds: holds.items.filter(({ hold }) => isAbout(hold.scope)),
    exemptions: exemptions.items.filter(({ exemption }) => isAbout(exemption.scope)),
    emergencies: await openEmergencies(client, { service: name, at, limit: maxOpen }),
    debts: await listDebts(client, { team: service.team, emergency: null, show: "open", limit: maxOpen }),
  };
}

function dependantsOf({ services }: Organisation, name: string): readonly string[] {
  const found = [...services.values()].filter(({ dependsOn }) => dependsOn.some(({ on }) => on === name));
  return found.map((service) => service.name).toSorted();
}

function demandedOf(
  { policies }: Organisation,
  service: Service,
  environment: Environment,
  at: Temporal.Instant,
): { readonly settings: EffectiveSettings; readonly emergency: EmergencyDemand } {
  const place = placeScope(service, environment);
  const inEmergency = effectiveSettings(policies, { ...place, class: "emergency" }, at).emergency;
  return {
    settings: effectiveSettings(policies, place, at),
    emergency: inEmergency?.demand ?? defaultEmergency,
  };
}

import type { Environment } from "#core/catalog/environment.ts";
import type { ChangeAction, ChangeClass, Invoker, ScopeSubject } from "#core/catalog/scope.ts";
import type { Service } from "#core/catalog/service.ts";
import { matchesPolicy } from "#core/policy/effective.ts";
import type { Policy, RiskDemand } from "#core/policy/policy.ts";
import { placeScope } from "#core/policy/subject-scope.ts";
import type { BookedRisk, ResourceUse } from "#core/release/reports.ts";
import type { Span } from "#core/span.ts";

/*
 * What other bookings take of what a subject needs too: resources with a capacity, and appetite for risk. Both follow
 * from policies, so only what some policy counts has to be looked for.
 */

/** A booking of others, as policies see it. */
export interface BookedWork extends Span {
  readonly booking: string;
  readonly service: string;
  readonly environment: string;
  readonly class: ChangeClass;
  readonly action: ChangeAction;
  readonly invoker: Invoker;
}

export interface Catalog {
  readonly services: ReadonlyMap<string, Service>;
  readonly environments: ReadonlyMap<string, Environment>;
}

/** A service in an environment. */
export interface Place {
  readonly service: string;
  readonly environment: string;
}

/** Names of what the subject uses, by any policy that matches it, in force or not. */
export function resourcesOf(policies: readonly Policy[], subject: ScopeSubject): ReadonlySet<string> {
  const matching = policies.filter((policy) => matchesPolicy(policy, subject));
  return new Set(matching.flatMap(({ settings }) => settings.capacity.map(({ resource }) => resource)));
}

/** Names of everything that any policy limits. */
export function capacityResources(policies: readonly Policy[]): ReadonlySet<string> {
  return new Set(policies.flatMap(({ settings }) => settings.capacity.map(({ resource }) => resource)));
}

/** True when any policy limits what may be risked on a day. */
export function hasAppetite(policies: readonly Policy[]): boolean {
  return policies.some(({ settings: { risk } }) => risk !== null && risk.appetite !== null);
}

/** One row for each booking and each of the resources that it uses, in the order of the bookings. */
export function usageOf(
  policies: readonly Policy[],
  resources: ReadonlySet<string>,
  work: readonly BookedWork[],
  catalog: Catalog,
): readonly ResourceUse[] {
  if (resources.size === 0) return [];
  const counting = policies.filter(({ settings }) => settings.capacity.some(({ resource }) => resources.has(resource)));
  return work.flatMap((each) => {
    const about = scopeOf(each, catalog);
    if (about === null) return [];
    const { booking, service, from, to } = each;
    const used = resourcesOf(counting, about);
    return [...used]
      .filter((resource) => resources.has(resource))
      .map((resource) => ({ resource, booking, service, from, to }));
  });
}

/**
 * Every service and environment where work may use one of the resources, whatever its class, action or invoker: what
 * has to be read before `usageOf` can tell.
 */
export function placesUsing(
  policies: readonly Policy[],
  resources: ReadonlySet<string>,
  { services, environments }: Catalog,
): readonly Place[] {
  const counting = policies
    .filter(({ settings }) => settings.capacity.some(({ resource }) => resources.has(resource)))
    .map(anyWork);
  if (counting.length === 0) return [];
  return [...environments.values()].flatMap((environment) =>
    [...services.values()]
      .filter((service) => counting.some((policy) => matchesPolicy(policy, placeScope(service, environment))))
      .map((service) => ({ service: service.name, environment: environment.name })),
  );
}

function anyWork(policy: Policy): Policy {
  const { classes: _, actions: __, invokers: ___, ...scope } = policy.scope;
  return { ...policy, scope };
}

/** By what the policies that match the subject sum up risk; empty when none has an appetite. */
export function riskSums(policies: readonly Policy[], subject: ScopeSubject): ReadonlySet<RiskDemand["per"]> {
  const matching = policies.filter((policy) => matchesPolicy(policy, subject));
  return new Set(
    matching.flatMap(({ settings: { risk } }) => (risk === null || risk.appetite === null ? [] : [risk.per])),
  );
}

export interface ScoredWork extends Place {
  readonly booking: string;
  readonly from: Temporal.Instant;
  readonly score: number;
}

/** Scores of the work that falls into one of the sums of the subject; work outside the catalog falls into none. */
export function exposureOf(
  sums: ReadonlySet<RiskDemand["per"]>,
  subject: ScopeSubject,
  work: readonly ScoredWork[],
  { services, environments }: Catalog,
): readonly BookedRisk[] {
  return work.flatMap(({ booking, service, environment, from, score }) => {
    const there = environments.get(environment);
    const unit = services.get(service)?.unit;
    if (there === undefined || unit === undefined) return [];
    const counts =
      (sums.has("environment") && environment === subject.environment) ||
      (sums.has("unit") && unit === subject.unit) ||
      (sums.has("region") && there.region !== null && there.region === subject.region);
    return counts ? [{ booking, environment, unit, region: there.region, from, score }] : [];
  });
}

function scopeOf(work: BookedWork, { services, environments }: Catalog): ScopeSubject | null {
  const service = services.get(work.service);
  const environment = environments.get(work.environment);
  if (service === undefined || environment === undefined) return null;
  const { class: changeClass, action, invoker } = work;
  return { ...placeScope(service, environment), class: changeClass, action, invoker };
}

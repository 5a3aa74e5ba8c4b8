import { dependantsOf } from "#core/catalog/graph.ts";
import type { EdgeKind, Service } from "#core/catalog/service.ts";

/** A service that would feel a failure of the one that changes, with what decides how much it matters. */
export interface ImpactedService {
  readonly service: string;
  readonly team: string;
  readonly tier: number;
}

/** Along these edges a failure reaches the other end at once; messages wait in their queue. */
export const impactKinds: readonly EdgeKind[] = ["sync", "data"];

type Services = ReadonlyMap<string, Service>;

// A catalogue is a value; whom a service reaches is asked again at every verdict about it.
const known = new WeakMap<Services, Map<string, readonly ImpactedService[]>>();

/**
 * The service and those that call it or take data from it directly, by name. Beyond them the tree soon holds half the
 * organisation, and whoever is called first passes on what he cannot solve.
 */
export function impactOf(services: Services, name: string): readonly ImpactedService[] {
  let byName = known.get(services);
  if (byName === undefined) {
    byName = new Map();
    known.set(services, byName);
  }
  const before = byName.get(name);
  if (before !== undefined) return before;
  const own = services.get(name);
  if (own === undefined) return [];
  const impact = impactOn(services, own);
  byName.set(name, impact);
  return impact;
}

function impactOn(services: Services, own: Service): readonly ImpactedService[] {
  const dependants = dependantsOf(services, own.name).filter(({ dependsOn }) =>
    dependsOn.some(({ on, kind }) => on === own.name && impactKinds.includes(kind)),
  );
  return [own, ...dependants].map(({ name: service, team, tier }) => ({ service, team, tier }));
}

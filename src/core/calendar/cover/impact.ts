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

/**
 * The service and those that call it or take data from it directly, by name. Beyond them the tree soon holds half the
 * organisation, and whoever is called first passes on what he cannot solve.
 */
export function impactOf(services: ReadonlyMap<string, Service>, name: string): readonly ImpactedService[] {
  const own = services.get(name);
  if (own === undefined) return [];
  const dependants = dependantsOf(services, name).filter(({ dependsOn }) =>
    dependsOn.some(({ on, kind }) => on === name && impactKinds.includes(kind)),
  );
  return [own, ...dependants].map(({ name: service, team, tier }) => ({ service, team, tier }));
}

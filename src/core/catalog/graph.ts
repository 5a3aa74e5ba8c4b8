import type { Service } from "#core/catalog/service.ts";

/** One service or vendor that is needed, with the shortest way to it: the names between, its own last. */
export interface Upstream {
  readonly service: string;
  /** null for a vendor, or a service that is not in the catalog. */
  readonly tier: number | null;
  readonly path: readonly string[];
}

/** Further away nobody can tell what would be felt, and a verdict has a bounded cost. */
export const maxUpstream = 200;

type Services = ReadonlyMap<string, Service>;

// A catalogue is a value: it is replaced as a whole, so what is derived from it lives as long as it does.
const indexes = new WeakMap<Services, ReadonlyMap<string, readonly Service[]>>();

/** Services that declare a direct edge to the one named, by name. */
export function dependantsOf(services: Services, name: string): readonly Service[] {
  let index = indexes.get(services);
  if (index === undefined) {
    index = reversed(services);
    indexes.set(services, index);
  }
  return index.get(name) ?? [];
}

function reversed(services: Services): ReadonlyMap<string, readonly Service[]> {
  const index = new Map<string, Service[]>();
  for (const service of services.values()) {
    for (const on of new Set(service.dependsOn.map((edge) => edge.on))) {
      if (on === service.name) continue;
      const known = index.get(on);
      if (known === undefined) index.set(on, [service]);
      else known.push(service);
    }
  }
  for (const dependants of index.values()) dependants.sort((a, b) => (a.name < b.name ? -1 : 1));
  return index;
}

/**
 * What the service needs, along every kind of edge, nearest first: each with the shortest way to it. At most
 * `maxUpstream`, the nearest ones.
 */
export function upstreamOf(services: Services, name: string): readonly Upstream[] {
  const found: Upstream[] = [];
  const seen = new Set([name]);
  const queue: (readonly [string, readonly string[]])[] = [[name, []]];
  // It grows while it is read; taking its head off would move all the rest.
  for (const [from, path] of queue) {
    for (const { on } of services.get(from)?.dependsOn ?? []) {
      if (seen.has(on)) continue;
      if (found.length >= maxUpstream) return found;
      seen.add(on);
      const way = [...path, on];
      found.push({ service: on, tier: services.get(on)?.tier ?? null, path: way });
      queue.push([on, way]);
    }
  }
  return found;
}

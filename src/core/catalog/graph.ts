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

/** A service or vendor among those that it needs and that need it. */
interface Node {
  readonly name: string;
  /** null for a vendor, or a service that is not in the catalog. */
  readonly tier: number | null;
  /** What it needs, in the order in which it names it. */
  needed: readonly Node[];
  /** Services that declare a direct edge to it. */
  readonly dependants: Service[];
  /** The number of the last walk that came by. */
  walk: number;
}

type Graph = ReadonlyMap<string, Node>;

// A catalogue is a value: it is replaced as a whole, so what is derived from it lives as long as it does.
const graphs = new WeakMap<Services, Graph>();

function graphOf(services: Services): Graph {
  const known = graphs.get(services);
  if (known !== undefined) return known;
  const made = linked(services);
  graphs.set(services, made);
  return made;
}

function linked(services: Services): Graph {
  const graph = new Map<string, Node>();
  const nodeOf = (name: string): Node => {
    const known = graph.get(name);
    if (known !== undefined) return known;
    const made = { name, tier: services.get(name)?.tier ?? null, needed: [], dependants: [], walk: 0 };
    graph.set(name, made);
    return made;
  };
  for (const name of services.keys()) nodeOf(name);
  for (const [name, service] of services) {
    const needed = [...new Set(service.dependsOn.map(({ on }) => on))].map(nodeOf);
    nodeOf(name).needed = needed;
    for (const node of needed) if (node.name !== name) node.dependants.push(service);
  }
  for (const { dependants } of graph.values()) dependants.sort((a, b) => (a.name < b.name ? -1 : 1));
  return graph;
}

/** Services that declare a direct edge to the one named, by name. */
export function dependantsOf(services: Services, name: string): readonly Service[] {
  return graphOf(services).get(name)?.dependants ?? [];
}

let walks = 0;

/**
 * What the service needs, along every kind of edge, nearest first: each with the shortest way to it. At most
 * `maxUpstream`, the nearest ones.
 */
export function upstreamOf(services: Services, name: string): readonly Upstream[] {
  const root = graphOf(services).get(name);
  const found: Upstream[] = [];
  if (root === undefined) return found;
  const walk = ++walks;
  root.walk = walk;
  const queue = [root];
  // It grows while it is read; taking its head off would move all the rest.
  for (let head = 0; head < queue.length; head++) {
    const path = head === 0 ? [] : (found[head - 1]?.path ?? []);
    for (const node of queue[head]?.needed ?? []) {
      if (node.walk === walk) continue;
      if (found.length >= maxUpstream) return found;
      node.walk = walk;
      found.push({ service: node.name, tier: node.tier, path: [...path, node.name] });
      queue.push(node);
    }
  }
  return found;
}

/** Targets by name; every target is a name of the map. */
export type Edges = ReadonlyMap<string, readonly string[]>;

export interface Loop {
  /** Everything that can reach itself together, sorted. */
  readonly members: readonly string[];
  /** One shortest circle among them, in the direction of the edges, from the first name in order. */
  readonly circle: readonly string[];
}

/**
 * Groups of names that reach each other (strongly connected components of more than one name, and names that point to
 * themselves). Tarjan's algorithm with an explicit stack: linear, and safe for a chain of any length.
 */
export function loops(edges: Edges): readonly Loop[] {
  const names = [...edges.keys()].sort();
  return components(names, edges)
    .filter((members) => members.length > 1 || edges.get(members[0] ?? "")?.includes(members[0] ?? "") === true)
    .map((members) => members.toSorted())
    .map((members) => ({ members, circle: shortestCircle(members, edges) }));
}

interface Visit {
  readonly name: string;
  next: number;
}

function components(names: readonly string[], edges: Edges): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const found: string[][] = [];
  const enter = (name: string): Visit => {
    order.set(name, order.size);
    low.set(name, order.size - 1);
    open.push(name);
    isOpen.add(name);
    return { name, next: 0 };
  };
  const lower = (name: string, bound: number | undefined): void => {
    low.set(name, Math.min(low.get(name) ?? 0, bound ?? 0));
  };
  for (const root of names) {
    const path: Visit[] = order.has(root) ? [] : [enter(root)];
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const target = edges.get(visit.name)?.[visit.next++];
      if (target !== undefined) {
        if (!order.has(target)) path.push(enter(target));
        else if (isOpen.has(target)) lower(visit.name, order.get(target));
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) lower(parent.name, low.get(visit.name));
      if (low.get(visit.name) === order.get(visit.name)) found.push(close(visit.name, open, isOpen));
    }
  }
  return found;
}

function close(root: string, open: string[], isOpen: Set<string>): string[] {
  const members = open.splice(open.lastIndexOf(root));
  for (const name of members) isOpen.delete(name);
  return members;
}

/** Breadth-first from the first member back to itself, inside the group. */
function shortestCircle(members: readonly string[], edges: Edges): readonly string[] {
  const [start = ""] = members;
  const inside = new Set(members);
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const name of queue) {
    for (const target of edges.get(name) ?? []) {
      if (target === start) return unwind(name, start, cameFrom);
      if (!inside.has(target) || cameFrom.has(target)) continue;
      cameFrom.set(target, name);
      queue.push(target);
    }
  }
  return [start];
}

function unwind(last: string, start: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const circle = [last];
  for (let name = last; name !== start;) {
    name = cameFrom.get(name) ?? start;
    circle.push(name);
  }
  return circle.reverse();
}

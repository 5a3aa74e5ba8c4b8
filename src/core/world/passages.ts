import type { ApprovalRoute } from "#core/approval/route.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import type { World } from "#core/world/world.ts";

/** By the routes and the freezes that match; both lists are the same ones for all subjects that they match. */
type Passages = WeakMap<readonly ApprovalRoute[], WeakMap<readonly Freeze[], readonly ApprovalRoute[]>>;
const passagesOf = new WeakMap<World["routes"], Passages>();

/** With those that freezes name; the list itself when no freeze names a route beyond it. */
export function withPassages(
  world: World,
  routes: readonly ApprovalRoute[],
  freezes: readonly Freeze[],
): readonly ApprovalRoute[] {
  if (freezes.length === 0) return routes;
  const passages: Passages = passagesOf.get(world.routes) ?? new WeakMap();
  passagesOf.set(world.routes, passages);
  const byFreezes = passages.get(routes) ?? new WeakMap<readonly Freeze[], readonly ApprovalRoute[]>();
  passages.set(routes, byFreezes);
  const known = byFreezes.get(freezes) ?? withNamed(world.routes.all, routes, freezes);
  byFreezes.set(freezes, known);
  return known;
}

function withNamed(
  every: readonly ApprovalRoute[],
  routes: readonly ApprovalRoute[],
  freezes: readonly Freeze[],
): readonly ApprovalRoute[] {
  const missing = freezes.filter(
    ({ passesWith }) => passesWith !== null && !routes.some(({ name }) => name === passesWith),
  );
  if (missing.length === 0) return routes;
  const named = new Set(missing.map(({ passesWith }) => passesWith));
  const more = every.filter(({ name }) => named.has(name));
  return more.length === 0 ? routes : [...routes, ...more];
}

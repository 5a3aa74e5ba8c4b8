import type { ImpactedService } from "#core/calendar/cover/impact.ts";
import type { Rota, TeamCover } from "#core/calendar/cover/rota.ts";
import { teamCovers, type ImportedRota, type TeamSwap } from "#core/calendar/cover/team-cover.ts";
import { rowsOf, type World } from "#core/world/world.ts";

/** The cover of one team, kept for as long as nothing that it is made of changes. */
interface KnownCover {
  readonly imported: readonly ImportedRota[];
  readonly swaps: readonly TeamSwap[];
  readonly covers: readonly TeamCover[];
}

interface Rotas {
  readonly byTeam: ReadonlyMap<string, readonly Rota[]>;
  readonly known: Map<string, KnownCover>;
}

const rotasOf = new WeakMap<readonly Rota[], Rotas>();

/** As `teamCovers`; of a team whose rota stays the same it is the same object each time. */
export function coversOf(world: World, impact: readonly ImpactedService[]): readonly TeamCover[] | "none" {
  const declared = world.organisation.rotas;
  if (declared.length === 0 && world.shelves.imported.size === 0) return "none";
  let rotas = rotasOf.get(declared);
  if (rotas === undefined) {
    rotas = { byTeam: Map.groupBy(declared, ({ team }) => team), known: new Map() };
    rotasOf.set(declared, rotas);
  }
  const covers: TeamCover[] = [];
  const seen = new Set<string>();
  for (const one of impact) {
    if (seen.has(one.team)) continue;
    seen.add(one.team);
    covers.push(...coverOf(world, rotas, one));
  }
  return covers;
}

function coverOf(world: World, { byTeam, known }: Rotas, one: ImpactedService): readonly TeamCover[] {
  const imported = rowsOf(world, "imported", one.team);
  const swaps = rowsOf(world, "swaps", one.team);
  const before = known.get(one.team);
  if (before?.imported === imported && before.swaps === swaps) return before.covers;
  const found = teamCovers([one], { declared: byTeam.get(one.team) ?? [], imported, swaps, isAnyImported: true });
  const covers = found === "none" ? [] : found;
  known.set(one.team, { imported, swaps, covers });
  return covers;
}

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
  const [own] = impact;
  if (own === undefined) return [];
  if (impact.every(({ team }) => team === own.team)) return coverOf(world, rotas, own);
  return impact.length < fewest ? gathered(world, rotas, impact) : remembered(world, rotas, impact);
}

function gathered(world: World, rotas: Rotas, impact: readonly ImpactedService[]): readonly TeamCover[] {
  const covers: TeamCover[] = [];
  const seen = new Set<string>();
  for (const one of impact) {
    if (seen.has(one.team)) continue;
    seen.add(one.team);
    for (const cover of coverOf(world, rotas, one)) covers.push(cover);
  }
  return covers;
}

/** Whoever is called by so many is asked about often, and the list of their teams is long to make, to write and to hash. */
const fewest = 4;

interface KnownCovers {
  readonly rotas: Rotas;
  readonly imported: World["shelves"]["imported"];
  readonly swaps: World["shelves"]["swaps"];
  readonly covers: readonly TeamCover[];
}
const coversByImpact = new WeakMap<readonly ImpactedService[], KnownCovers>();

function remembered(world: World, rotas: Rotas, impact: readonly ImpactedService[]): readonly TeamCover[] {
  const { imported, swaps } = world.shelves;
  const before = coversByImpact.get(impact);
  if (before?.rotas === rotas && before.imported === imported && before.swaps === swaps) return before.covers;
  const covers = gathered(world, rotas, impact);
  coversByImpact.set(impact, { rotas, imported, swaps, covers });
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

import type { ImpactedService } from "#core/calendar/cover/impact.ts";
import { defaultStabilisation, type Duty, type Rota, type Swap, type TeamCover } from "#core/calendar/cover/rota.ts";
import { compareInstants } from "#core/span.ts";

/** What another system says of a team: its duties up to `until`. */
export interface ImportedRota {
  readonly team: string;
  readonly duties: readonly Duty[];
  readonly until: Temporal.Instant;
}

/** A swap with the team whose rota it changes. */
export interface TeamSwap extends Swap {
  readonly team: string;
}

export interface RotaSources {
  /** Those of the configuration. */
  readonly declared: readonly Rota[];
  readonly imported: readonly ImportedRota[];
  readonly swaps: readonly TeamSwap[];
  /** Some team has an imported rota, though not one of those at hand. */
  readonly isAnyImported?: boolean;
}

/** One cover for each team of the impact set that has a rota at all; `none` where nobody has declared or imported any. */
export function teamCovers(impact: readonly ImpactedService[], sources: RotaSources): readonly TeamCover[] | "none" {
  const { declared, imported, swaps } = sources;
  if (declared.length + imported.length === 0 && sources.isAnyImported !== true) return "none";
  const teams = [...new Set(impact.map(({ team }) => team))];
  return teams.flatMap((team) => {
    const rotas = declared.filter((rota) => rota.team === team);
    const imports = imported.filter((rota) => rota.team === team);
    // A subscription that was never read says nothing: of such a team nobody knows who is on duty.
    const isKnown = imports.length > 0 || rotas.some(({ subscription }) => subscription === null);
    return isKnown ? [oneCover(team, rotas, imports, swaps)] : [];
  });
}

function oneCover(
  team: string,
  rotas: readonly Rota[],
  imports: readonly ImportedRota[],
  swaps: readonly TeamSwap[],
): TeamCover {
  const own = swaps
    .filter((swap) => swap.team === team)
    .map(({ id, person, replaces, from, to }) => ({ id, person, replaces, from, to }));
  return {
    team,
    stabilisation: longest(rotas.map(({ stabilisation }) => stabilisation)),
    shifts: rotas.flatMap(({ shifts }) => shifts),
    swaps: [...rotas.flatMap((rota) => rota.swaps), ...own],
    duties: imports.flatMap(({ duties }) => duties),
    knownUntil: rotas.some(({ subscription }) => subscription === null)
      ? null
      : latest(imports.map(({ until }) => until)),
  };
}

function longest(durations: readonly Temporal.Duration[]): Temporal.Duration {
  return (
    durations.reduce<Temporal.Duration | null>(
      (most, each) => (most === null || each.total("milliseconds") > most.total("milliseconds") ? each : most),
      null,
    ) ?? defaultStabilisation
  );
}

function latest(instants: readonly Temporal.Instant[]): Temporal.Instant | null {
  return instants.reduce<Temporal.Instant | null>(
    (last, each) => (last === null || compareInstants(each, last) > 0 ? each : last),
    null,
  );
}

import type { ImportedRota, TeamSwap } from "#core/calendar/cover/team-cover.ts";
import { lintCatalog, lintRange, orderedCatalog, type CatalogLint } from "#core/calendar/lint-catalog.ts";
import { usualRunsFrom } from "#core/calendar/lint-usual-run.ts";
import type { ExpectedDuration } from "#core/release/state.ts";
import type { Span } from "#core/span.ts";
import type { CalendarSource } from "./timetable.ts";

export interface LintSettings {
  /** Taken for every run; null: what was measured, and an hour where nothing was. */
  readonly usualRun: Temporal.Duration | null;
  /** What a run is taken to last where nothing was measured. */
  readonly assumedRun: Temporal.Duration;
  readonly leastMonthlyHours: number;
  readonly decisionTime: Temporal.Duration;
}

export interface LintOutcome extends CatalogLint, LintSettings {
  readonly revision: number | null;
  readonly between: Span;
}

/** What a lint wants to know beside the configuration. */
export interface LintFacts {
  /** Of the places asked about; those whose usual run is known. */
  readonly durations: readonly ExpectedDuration[];
  readonly imported: readonly ImportedRota[];
  readonly swaps: readonly TeamSwap[];
}

export type ReadLintFacts = (
  at: Temporal.Instant,
  between: Span,
  places: { readonly services: readonly string[]; readonly environments: readonly string[] },
) => Promise<LintFacts>;

export type LintCalendar = (settings: LintSettings, now: Temporal.Instant) => Promise<LintOutcome>;

export interface LintSource extends Pick<CalendarSource, "inForce"> {
  readonly lintFacts: ReadLintFacts;
}

/** What is odd about the calendar in force, over a year from the present month on. */
export function makeLintCalendar(source: LintSource): LintCalendar {
  return async (settings, now) => {
    const between = lintRange(now);
    const { revision, organisation } = await source.inForce(between);
    const { durations, ...rotas } = await source.lintFacts(now, between, {
      services: [...organisation.services.keys()],
      environments: [...organisation.environments.keys()],
    });
    const { usualRun, assumedRun, leastMonthlyHours, decisionTime } = settings;
    const found = lintCatalog({
      ...orderedCatalog(organisation, rotas, decisionTime),
      between,
      shortestUseful: usualRun ?? assumedRun,
      usualRunOf: usualRunsFrom(usualRun === null ? durations : []),
      leastMonthlyHours,
    });
    return { ...found, ...settings, revision, between };
  };
}

import { lintCatalog, lintRange, type CatalogLint } from "#core/calendar/lint-catalog.ts";
import { inPromotionOrder } from "#core/catalog/promotion-order.ts";
import type { Span } from "#core/span.ts";
import type { CalendarSource } from "./timetable.ts";

export interface LintSettings {
  readonly shortestUseful: Temporal.Duration;
  readonly leastMonthlyHours: number;
}

export interface LintOutcome extends CatalogLint, LintSettings {
  readonly revision: number | null;
  readonly between: Span;
}

export type LintCalendar = (settings: LintSettings, now: Temporal.Instant) => Promise<LintOutcome>;

/** What is odd about the calendar in force, over a year from the present month on. */
export function makeLintCalendar(source: Pick<CalendarSource, "inForce">): LintCalendar {
  return async (settings, now) => {
    const between = lintRange(now);
    const { revision, organisation } = await source.inForce(between);
    const environments = inPromotionOrder([...organisation.environments.values()]);
    const services = [...organisation.services.values()];
    const { windows, freezes } = organisation;
    const found = lintCatalog({ windows, freezes, environments, services, between, ...settings });
    return { ...found, ...settings, revision, between };
  };
}

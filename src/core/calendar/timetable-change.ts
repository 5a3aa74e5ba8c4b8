import { difference, spansIn, totalMs, union, type SpanSet } from "#core/calendar/span-set.ts";
import { timetableCache } from "#core/calendar/timetable-cache.ts";
import { subjectOf, type Calendar } from "#core/calendar/timetable-view.ts";
import { freezeMatches, windowMatches } from "#core/calendar/timetable.ts";
import type { Environment } from "#core/catalog/environment.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { inPromotionOrder } from "#core/catalog/promotion-order.ts";
import type { ScopeSubject } from "#core/catalog/scope.ts";
import type { Service } from "#core/catalog/service.ts";
import type { Span } from "#core/span.ts";

/** What a change of the calendar does in one environment, the same for all the services that it names. */
export interface ChangeGroup {
  readonly environment: Environment;
  readonly services: readonly string[];
  readonly opens: SpanSet;
  readonly closes: SpanSet;
}

export interface CalendarChanges {
  readonly groups: readonly ChangeGroup[];
  /** Services in environments that were compared, and those beyond the limit. */
  readonly compared: number;
  readonly leftOut: number;
}

/** Services in environments that one comparison looks at; a second of work at most. */
export const maxCompared = 5_000;

/** What a comparison needs of the organisation. */
export type Changing = Calendar & Pick<Organisation, "services" | "environments">;

/** How open time differs between the organisation's calendar and another one, over a range. */
export function changesOf(organisation: Changing, after: Calendar, between: Span): CalendarChanges {
  const changed = changedRules(organisation, after);
  const groups = new Map<string, ChangeGroup>();
  const [old, young] = [timetableCache(), timetableCache()];
  let compared = 0;
  let leftOut = 0;
  for (const environment of inPromotionOrder([...organisation.environments.values()])) {
    for (const service of organisation.services.values()) {
      const subject = subjectOf({ environment, service, unit: null });
      if (!concerns(changed, subject)) continue;
      if (compared >= maxCompared) {
        leftOut += 1;
        continue;
      }
      compared += 1;
      const { windows, freezes } = organisation;
      const was = old.timetableOf({ windows, freezes, subject, environment, between }).open;
      const is = young.timetableOf({ ...after, subject, environment, between }).open;
      addTo(groups, environment, service, difference(is, was), difference(was, is));
    }
  }
  return { groups: [...groups.values()], compared, leftOut };
}

/** Rules of either calendar that are not in the other one. */
function changedRules(before: Calendar, after: Calendar): Calendar {
  const missingIn = <T>(all: readonly T[], others: readonly T[]): readonly T[] => {
    const known = new Set(others);
    return all.filter((one) => !known.has(one));
  };
  return {
    windows: [...missingIn(before.windows, after.windows), ...missingIn(after.windows, before.windows)],
    freezes: [...missingIn(before.freezes, after.freezes), ...missingIn(after.freezes, before.freezes)],
  };
}

function concerns({ windows, freezes }: Calendar, subject: ScopeSubject): boolean {
  return (
    windows.some((window) => windowMatches(window, subject)) || freezes.some((freeze) => freezeMatches(freeze, subject))
  );
}

function addTo(
  groups: Map<string, ChangeGroup>,
  environment: Environment,
  service: Service,
  opens: SpanSet,
  closes: SpanSet,
): void {
  if (totalMs(union(opens, closes)) === 0) return;
  const key = JSON.stringify([environment.name, opens.borders, closes.borders]);
  const known = groups.get(key);
  const services = [...(known?.services ?? []), service.name];
  groups.set(key, { environment, opens, closes, services });
}

/** Minutes of a set, and its first spans. */
export function minutesOf(set: SpanSet): number {
  return Math.round(totalMs(set) / 60_000);
}

export function firstSpans(set: SpanSet, limit: number): readonly Span[] {
  return spansIn(set).slice(0, limit);
}

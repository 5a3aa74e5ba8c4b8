import type {
  BusinessCalendar,
  BusinessEvent,
  CalendarEvent,
  EffectRule,
} from "#core/calendar/business/business-calendar.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import { matchesGlob } from "#core/catalog/scope.ts";
import { isBefore } from "#core/span.ts";

/** The rule that decides what an event of this calendar does; null when it has no effect. */
export function effectOf(
  calendar: Pick<BusinessCalendar, "effects">,
  event: Pick<BusinessEvent, "summary" | "categories">,
): EffectRule | null {
  return calendar.effects.find(({ match }) => matchesEvent(match, event)) ?? null;
}

function matchesEvent(match: EffectRule["match"], event: Pick<BusinessEvent, "summary" | "categories">): boolean {
  return matchesAny(match.categories, event.categories) && matchesAny(match.summary, [event.summary]);
}

function matchesAny(globs: readonly string[] | undefined, values: readonly string[]): boolean {
  if (globs === undefined) return true;
  return values.some((value) => globs.some((glob) => matchesGlob(glob.toLowerCase(), value.toLowerCase())));
}

/** The name under which findings, pages and feeds speak of an event: `campaigns/black-friday@shop`. */
export function eventName({ calendar, event }: CalendarEvent): string {
  return event.occurrence === "" ? `${calendar}/${event.uid}` : `${calendar}/${event.uid}/${event.occurrence}`;
}

/** A blackout as the freeze it is: exact instants, so the rule is written in UTC with an elapsed end. */
export function freezeOfEvent(calendar: BusinessCalendar, event: BusinessEvent, effect: EffectRule): Freeze {
  return {
    name: eventName({ calendar: calendar.name, event }),
    scope: calendar.scope,
    rule: {
      zone: "UTC",
      start: event.from.toZonedDateTimeISO("UTC").toPlainDateTime(),
      rrule: null,
      end: { kind: "elapsed", duration: event.from.until(event.to, { largestUnit: "seconds" }) },
      exdates: [],
    },
    strength: effect.strength,
    owner: calendar.owner,
    passesWith: null,
    onBegin: "pause",
    reason: `${event.summary} (event ${event.uid} of the calendar ${calendar.name})`,
  };
}

/** The freezes that the events of the calendars make; an event of a calendar that is not declared any more makes none. */
export function freezesOfEvents(
  calendars: readonly BusinessCalendar[],
  events: readonly CalendarEvent[],
): readonly Freeze[] {
  const byName = new Map(calendars.map((calendar) => [calendar.name, calendar]));
  return events.flatMap(({ calendar: name, event }) => {
    const calendar = byName.get(name);
    if (calendar === undefined || !isBefore(event.from, event.to)) return [];
    const effect = effectOf(calendar, event);
    return effect?.effect === "blackout" ? [freezeOfEvent(calendar, event, effect)] : [];
  });
}

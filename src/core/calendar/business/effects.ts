import type {
  BusinessCalendar,
  BusinessEvent,
  CalendarEvent,
  Caution,
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
    ...(event.summary === "" ? {} : { title: `${event.summary} (${calendar.name})` }),
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

/** The first event that would stop or warn and does not say until when; null when there is none. */
export function endlessEvent(
  calendar: Pick<BusinessCalendar, "effects">,
  events: readonly BusinessEvent[],
): BusinessEvent | null {
  const isEndless = (event: BusinessEvent): boolean => {
    const effect = effectOf(calendar, event)?.effect ?? "pull-forward";
    return effect !== "pull-forward" && !isBefore(event.from, event.to);
  };
  return events.find(isEndless) ?? null;
}

/** Every year for a year and a day: without a gap, and without an end. */
const always = {
  zone: "UTC",
  start: Temporal.PlainDateTime.from("1970-01-01T00:00"),
  rrule: "FREQ=YEARLY",
  end: { kind: "elapsed", duration: Temporal.Duration.from({ hours: 24 * 367 }) },
  exdates: [],
} as const;

/**
 * A calendar that could stop changes and was never read closes its scope: nobody knows what it would stop, and nothing
 * is open by accident (semantics §2.1). `untilRead: open` in its declaration says otherwise.
 */
export function freezesOfUnread(
  calendars: readonly BusinessCalendar[],
  read: { readonly has: (calendar: string) => boolean },
): readonly Freeze[] {
  return calendars
    .filter(({ name, untilRead, effects }) => {
      return untilRead === "closed" && !read.has(name) && effects.some(({ effect }) => effect === "blackout");
    })
    .map(({ name, scope, owner }) => ({
      name: `${name}/never-read`,
      scope,
      rule: always,
      strength: "hard",
      owner,
      passesWith: null,
      onBegin: "pause",
      reason: `The calendar ${name} was never read, so nobody knows what its events stop. Import it, mend its address, or declare untilRead: open.`,
    }));
}

/** What the events of the calendars come to. */
export interface EventEffects {
  readonly freezes: readonly Freeze[];
  readonly cautions: readonly Caution[];
}

/** Freezes and notes. An event of a calendar that is not declared any more, or without length, makes none. */
export function effectsOfEvents(
  calendars: readonly BusinessCalendar[],
  events: readonly CalendarEvent[],
): EventEffects {
  const byName = new Map(calendars.map((calendar) => [calendar.name, calendar]));
  const freezes: Freeze[] = [];
  const cautions: Caution[] = [];
  for (const { calendar: name, event } of events) {
    const calendar = byName.get(name);
    if (calendar === undefined || !isBefore(event.from, event.to)) continue;
    const effect = effectOf(calendar, event);
    if (effect?.effect === "blackout") freezes.push(freezeOfEvent(calendar, event, effect));
    if (effect?.effect === "caution") cautions.push(cautionOf(calendar, event));
  }
  return { freezes, cautions };
}

function cautionOf({ name: calendar, scope }: BusinessCalendar, event: BusinessEvent): Caution {
  const { summary, from, to } = event;
  return { name: eventName({ calendar, event }), calendar, summary, scope, span: { from, to } };
}

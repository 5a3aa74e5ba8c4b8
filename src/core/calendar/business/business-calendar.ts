import type { FreezeStrength } from "#core/calendar/freeze.ts";
import type { Scope } from "#core/catalog/scope.ts";
import type { Span } from "#core/span.ts";

/** A calendar of the business or of somebody outside, and what its events mean for changes. */
export interface BusinessCalendar {
  readonly name: string;
  /** What the effects of its events are about. */
  readonly scope: Scope;
  /** IANA zone of all-day and floating times. */
  readonly zone: string;
  readonly source: CalendarSource;
  /** How often a subscribed address is asked again. */
  readonly refresh: Temporal.Duration;
  /** The first one that matches an event decides; an event that none matches has no effect. */
  readonly effects: readonly EffectRule[];
  /** Whether changes of the scope wait for its first reading, when an event of it could stop them. */
  readonly untilRead: "closed" | "open";
  /** Team, person or role that answers for the events. */
  readonly owner: string;
}

export type CalendarSource =
  /** Imported by a person or a pipeline; `name` tells them from where. */
  | { readonly kind: "file"; readonly name: string }
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "inline"; readonly text: string };

/** What an event of some type does: stops changes, adds a note, or proposes to go earlier. */
export const eventEffects = ["blackout", "caution", "pull-forward"] as const;
export type EventEffect = (typeof eventEffects)[number];

export interface EffectRule {
  /** Globs, compared without regard to case. An absent field does not restrict; an empty match takes every event. */
  readonly match: { readonly categories?: readonly string[]; readonly summary?: readonly string[] };
  readonly effect: EventEffect;
  /** Of the freeze that a blackout becomes. */
  readonly strength: FreezeStrength;
}

/** One occurrence of an event, as instants. */
export interface BusinessEvent {
  readonly uid: string;
  /** Local start of the occurrence in the series (`2026-11-27T08:00:00`); empty for an event that happens once. */
  readonly occurrence: string;
  readonly summary: string;
  readonly categories: readonly string[];
  /** Services that the event itself names; narrows a pull-forward. */
  readonly services: readonly string[];
  readonly from: Temporal.Instant;
  /** Equals `from` for an event without length. */
  readonly to: Temporal.Instant;
}

/** A note for everybody whose change the scope matches while the span lasts. */
export interface Caution {
  readonly name: string;
  readonly calendar: string;
  readonly summary: string;
  readonly scope: Scope;
  readonly span: Span;
}

/** An event together with the calendar it stands in. */
export interface CalendarEvent {
  readonly calendar: string;
  readonly event: BusinessEvent;
}

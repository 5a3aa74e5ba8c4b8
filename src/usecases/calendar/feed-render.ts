import {
  bookingEntry,
  freezeEntries,
  openingEntries,
  placeInFilter,
  type FeedBooking,
  type FeedEntry,
  type FeedFilter,
} from "#core/calendar/business/feed.ts";
import { spansOf } from "#core/calendar/expand.ts";
import { timetableOf } from "#core/calendar/timetable.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import type { Span } from "#core/span.ts";
import { questionSubject } from "#usecases/policy/ask-verdict.ts";

/** What a feed is made of, in one snapshot; freezes include those that events make. */
export interface FeedSource {
  readonly organisation: Organisation;
  readonly bookings: readonly FeedBooking[];
  /** When the configuration or an imported calendar last changed. */
  readonly changedAt: Temporal.Instant;
}

/** Back: what just happened. Ahead: the horizon of a verdict. */
export const feedDays = { back: 30, ahead: 60 } as const;
export const maxFeedEntries = 5_000;

/** From the start of the hour, so that a feed asked twice in an hour is the same text. */
export function feedSpan(now: Temporal.Instant): Span {
  const hour = now.round({ smallestUnit: "hour", roundingMode: "floor" });
  return { from: hour.subtract({ hours: 24 * feedDays.back }), to: hour.add({ hours: 24 * feedDays.ahead }) };
}

export function feedEntries(filter: FeedFilter, source: FeedSource, between: Span): readonly FeedEntry[] {
  const entries = [
    ...(filter.include.includes("bookings") ? source.bookings.map(bookingEntry) : []),
    ...(filter.include.includes("freezes") ? frozen(filter, source, between) : []),
    ...(filter.include.includes("openings") ? open(filter, source, between) : []),
  ];
  return entries.slice(0, maxFeedEntries);
}

/** A freeze in the zone of the target is shown for the first environment of the filter in which it stops something. */
function frozen(filter: FeedFilter, { organisation, changedAt }: FeedSource, between: Span): readonly FeedEntry[] {
  return organisation.freezes.flatMap((freeze) => {
    const place = placeInFilter(freeze, filter, organisation);
    if (place === null) return [];
    const spans = spansOf("freeze", freeze.rule, place.zone, between);
    return spans.ok ? freezeEntries(freeze, spans.value, changedAt) : [];
  });
}

function open(filter: FeedFilter, { organisation, changedAt }: FeedSource, between: Span): readonly FeedEntry[] {
  const environment = organisation.environments.get(filter.environment ?? "") ?? null;
  const service = organisation.services.get(filter.service ?? "") ?? null;
  if (environment === null || service === null) return [];
  const about = { service: service.name, version: "0.0.0", environment: environment.name, action: "deploy" } as const;
  const subject = subjectScope({ subject: questionSubject(about), service, environment });
  if (subject === null) return [];
  const { windows, freezes } = organisation;
  return openingEntries(filter, timetableOf({ windows, freezes, subject, environment, between }).open, changedAt);
}

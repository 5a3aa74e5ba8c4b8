import type { z } from "zod";
import type { businessCalendar, calendarFeed, reflow } from "#contract/business-calendar.ts";
import type { Span } from "#core/span.ts";
import type { Feed } from "#usecases/calendar/feed-access.ts";
import type { BusinessCalendarView } from "#usecases/calendar/import-operations.ts";
import type { Reflow } from "#usecases/calendar/import-types.ts";

export function presentCalendar(view: BusinessCalendarView, now: Temporal.Instant): z.infer<typeof businessCalendar> {
  const { calendar, source, attempt } = view;
  return {
    name: calendar.name,
    zone: calendar.zone,
    source: calendar.source.kind,
    owner: calendar.owner,
    importedAt: source?.importedAt.toString() ?? null,
    importedBy: source?.importedBy ?? null,
    ageSeconds: source === null ? null : ageOf(lastGoodAt(view) ?? source.importedAt, now),
    lastAttemptAt: attempt?.at.toString() ?? null,
    failure: attempt?.failure ?? null,
    failingSince: attempt?.failingSince?.toString() ?? null,
    events: view.events.map(({ name, summary, effect, from, to }) => ({
      name,
      summary,
      effect,
      ...spanToJson({ from, to }),
    })),
  };
}

/** An attempt that went well confirms the state, also when nothing had changed. */
function lastGoodAt({ source, attempt }: BusinessCalendarView): Temporal.Instant | null {
  return attempt !== null && attempt.failure === null ? attempt.at : (source?.importedAt ?? null);
}

function ageOf(since: Temporal.Instant, now: Temporal.Instant): number {
  return Math.max(0, Math.round(since.until(now).total("seconds")));
}

function spanToJson({ from, to }: Span): { readonly from: string; readonly to: string } {
  return { from: from.toString(), to: to.toString() };
}

export function presentReflow({ id, calendar, at, sentence, items }: Reflow): z.infer<typeof reflow> {
  return {
    id,
    calendar,
    at: at.toString(),
    sentence,
    items: items.map((item) => ({
      position: item.position,
      kind: item.kind,
      deployment: item.deployment,
      event: item.event,
      oldSlot: spanToJson(item.oldSlot),
      newSlot: item.newSlot === null ? null : spanToJson(item.newSlot),
      sentence: item.sentence,
      state: item.state,
      decidedBy: item.decidedBy,
      decidedAt: item.decidedAt?.toString() ?? null,
    })),
  };
}

export function presentFeed({ id, label, filter, createdAt, revokedAt }: Feed): z.infer<typeof calendarFeed> {
  return {
    id,
    label,
    environment: filter.environment,
    service: filter.service,
    include: [...filter.include],
    createdAt: createdAt.toString(),
    revokedAt: revokedAt?.toString() ?? null,
  };
}

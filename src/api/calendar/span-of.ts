import { refuse, type Refused } from "#api/handler.ts";
import { maxCalendarDays } from "#core/calendar/timetable-view.ts";
import type { AskedSpan, CalendarRefusal } from "#usecases/calendar/timetable.ts";

/** The borders of a query as instants. */
export function spanOf(query: { readonly since?: string | undefined; readonly until?: string | undefined }): AskedSpan {
  const read = (text: string | undefined): Temporal.Instant | null =>
    text === undefined ? null : Temporal.Instant.from(text);
  return { since: read(query.since), until: read(query.until) };
}

export function refuseSpan(): Refused<"bad-span"> {
  return refuse(
    "bad-span",
    `The end must lie after the start, and at most ${maxCalendarDays} days after it. Ask for a shorter span.`,
  );
}

export function refuseCalendar(
  code: CalendarRefusal,
  query: { readonly environment?: string | undefined; readonly service?: string | undefined },
): Refused<CalendarRefusal> {
  switch (code) {
    case "bad-span":
      return refuseSpan();
    case "no-such-environment":
      return refuse(
        code,
        `No environment ${query.environment ?? ""} is declared. Apply it first, or name another one.`,
      );
    case "no-such-service":
      return refuse(code, `No service ${query.service ?? ""} is declared. Apply it first, or name another one.`);
  }
}

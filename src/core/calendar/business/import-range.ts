import type { Span } from "#core/span.ts";

/** Recurring events are expanded so far ahead: a verdict's 60 days, asked for up to a year ahead. */
export const expandedDays = 430;
/** What ended before is history: it stays in the rows that were in force then. */
const keptDays = 31;

/** The span of which the events of a calendar are kept when it is read at an instant. */
export function rangeOf(at: Temporal.Instant): Span {
  return { from: at.subtract({ hours: 24 * keptDays }), to: at.add({ hours: 24 * expandedDays }) };
}

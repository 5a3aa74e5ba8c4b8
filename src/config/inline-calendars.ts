import { placeProblem, type Document, type Origin } from "#config/document.ts";
import { calendar } from "#config/kinds/calendar.ts";
import { exportedOrigin } from "#config/encode.ts";
import { sortProblems, type FieldProblem, type Problem } from "#config/problem.ts";
import { offsetOf } from "#config/text.ts";
import type { BusinessCalendar, BusinessEvent } from "#core/calendar/business/business-calendar.ts";
import { effectOf, endlessEvent } from "#core/calendar/business/effects.ts";
import { rangeOf } from "#core/calendar/business/import-range.ts";
import type { Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";

interface CalendarFault {
  /** One-based line of the calendar's text; null when it concerns the whole. */
  readonly line: number | null;
  readonly event: string | null;
  readonly message: string;
}

/** Reads iCalendar text; this zone has no reader of its own. */
export type ReadInline = (text: string, zone: string, between: Span) => Result<readonly BusinessEvent[], CalendarFault>;

/**
 * What was checked, and beside it every calendar written into the configuration that cannot be read: the same reading,
 * by the same limits, as after it is applied. `at`: now.
 */
export function withInlineCalendars<
  C extends { readonly documents: readonly Document[]; readonly problems: readonly Problem[] },
>(checked: C, read: ReadInline, at: Temporal.Instant): C {
  const between = rangeOf(at);
  const found = checked.documents.flatMap((document) => inlineProblems(document, read, between));
  return found.length === 0 ? checked : { ...checked, problems: sortProblems([...checked.problems, ...found]) };
}

function inlineProblems(document: Document, read: ReadInline, between: Span): readonly Problem[] {
  if (document.kind !== "Calendar") return [];
  const decoded = calendar.decode(document);
  if (!decoded.ok || decoded.value.source.kind !== "inline") return [];
  const fault = faultIn(decoded.value, decoded.value.source.text, read, between);
  if (fault === null) return [];
  const places = [
    fault.line === null ? null : `line ${fault.line} of its text`,
    fault.event === null ? null : `event ${fault.event}`,
  ].filter((place) => place !== null);
  const where = places.length === 0 ? "" : ` at ${places.join(", ")}`;
  const problem: FieldProblem = {
    at: ["spec", "source", "inline"],
    code: "bad-calendar",
    message: `The calendar cannot be read${where}: ${fault.message}.`,
    remedy: "Correct the event, or remove it.",
  };
  const origin = document.origin ?? exportedOrigin(document);
  return [placeProblem(document, { ...problem, ...offsetIn(origin, problem, fault.line) }, () => origin)];
}

function faultIn(declared: BusinessCalendar, text: string, read: ReadInline, between: Span): CalendarFault | null {
  const events = read(text, declared.zone, between);
  if (!events.ok) return events.error;
  const endless = endlessEvent(declared, events.value);
  if (endless === null) return null;
  const effect = effectOf(declared, endless)?.effect ?? "";
  const message = `it has no end (DTEND or DURATION), and events of its kind last (${effect})`;
  return { line: null, event: endless.uid, message };
}

/** In a literal block (`|`) a line of the calendar is a line of the file: the problem then points to it. */
function offsetIn({ source, places }: Origin, { at }: FieldProblem, line: number | null): Pick<FieldProblem, "offset"> {
  const start = offsetOf(places, at, "value");
  if (line === null || source.text[start] !== "|") return {};
  let offset = start;
  for (let count = 0; count < line; count++) {
    const end = source.text.indexOf("\n", offset);
    if (end === -1) return {};
    offset = end + 1;
  }
  while (source.text[offset] === " ") offset++;
  return { offset: offset - start };
}

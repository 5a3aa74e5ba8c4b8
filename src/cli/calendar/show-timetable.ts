import type { Column } from "#cli/output.ts";
import { roughly } from "#cli/time.ts";
import type { JsonTimetable } from "#core/calendar/present-timetable.ts";

/** One open span with the rules that open and close it. */
export interface SpanRow {
  readonly from: string;
  readonly to: string;
  readonly openedBy: readonly string[];
  readonly closedBy: readonly string[];
}

export function spanRows({ open, borders }: JsonTimetable): readonly SpanRow[] {
  const causes = new Map(
    borders.map(({ at, causes: all }) => [at, all.map(({ kind, name, edge }) => `${kind} ${name} ${edge}`)]),
  );
  return open.map(({ from, to }) => ({
    from,
    to,
    openedBy: causes.get(from) ?? [],
    closedBy: causes.get(to) ?? [],
  }));
}

/** Both clocks beside each other: UTC, and that of the environment with its offset. */
export function spanColumns(zone: string): readonly Column<SpanRow>[] {
  return [
    { title: "OPENS (UTC)", text: ({ from }) => utc(from) },
    { title: "CLOSES (UTC)", text: ({ to }) => utc(to) },
    { title: `OPENS (${zone})`, text: ({ from }) => local(from, zone) },
    { title: `CLOSES (${zone})`, text: ({ to }) => local(to, zone) },
    {
      title: "OPEN FOR",
      text: ({ from, to }) => roughly(Temporal.Instant.from(from).until(Temporal.Instant.from(to))),
    },
    { title: "OPENED BY", text: ({ openedBy }) => said(openedBy) },
    { title: "CLOSED BY", text: ({ closedBy }) => said(closedBy) },
  ];
}

function said(causes: readonly string[]): string {
  return causes.length === 0 ? "(border of what was asked)" : causes.join(", ");
}

/** To the minute; seconds only where there are any. */
function utc(text: string): string {
  return shortened(Temporal.Instant.from(text).toZonedDateTimeISO("UTC").toPlainDateTime(), "Z");
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function local(text: string, zone: string): string {
  const at = Temporal.Instant.from(text).toZonedDateTimeISO(zone);
  return `${weekdays[at.dayOfWeek - 1] ?? ""} ${shortened(at.toPlainDateTime(), at.offset)}`;
}

function shortened(at: Temporal.PlainDateTime, suffix: string): string {
  const isWhole = at.second === 0 && at.millisecond === 0;
  return `${at.toString({ smallestUnit: isWhole ? "minute" : "second" })}${suffix}`;
}

/** What a person should know beside the spans themselves. */
export function timetableNotes(timetable: JsonTimetable): readonly string[] {
  const { environment, service, open, restricted, faults, narrower, clockChanges } = timetable;
  const subject = service === null ? environment : `${service} in ${environment}`;
  return [
    ...(restricted ? [] : [`No window restricts ${subject}; only freezes close it.`]),
    ...(open.length === 0 ? [`${subject} is never open from ${timetable.since} to ${timetable.until}.`] : []),
    ...faults.map(({ message }) => `Closed, because a rule cannot be read: ${message}`),
    ...(narrower.length === 0
      ? []
      : [
          `Some services have rules of their own here: ${narrower.map(({ kind, name }) => `${kind} ${name}`).join(", ")}. Name one with --service.`,
        ]),
    ...clockChanges.map(({ sentence }) => sentence),
  ];
}

import { useEffect, useRef, type KeyboardEvent, type ReactElement } from "react";
import { isBefore, type Span } from "#core/span.ts";
import { useNow } from "#web/runtime/clock.ts";
import { shareOf, stepped, type Day, type Step } from "./days.ts";
import { entriesOf, segmentsOf, type Entry, type Lane } from "./entries.ts";
import { entryLook } from "./look.ts";
import { clockText, longDayText, oddLength } from "./words.ts";

const steps: Readonly<Record<string, Step>> = {
  ArrowLeft: "previous-day",
  ArrowRight: "next-day",
  ArrowUp: "previous-week",
  ArrowDown: "next-week",
  Home: "week-start",
  End: "week-end",
  PageUp: "previous-month",
  PageDown: "next-month",
};

interface MonthProps {
  readonly lane: Lane;
  readonly weeks: readonly (readonly Day[])[];
  readonly date: Temporal.PlainDate;
  readonly zone: string;
  readonly onDate: (date: Temporal.PlainDate) => void;
}

/** A month of one environment. Arrow keys move the day, and the page follows with its details. */
export function MonthGrid({ lane, weeks, date, zone, onDate }: MonthProps): ReactElement {
  const table = useRef<HTMLTableElement>(null);
  const byKey = useRef(false);
  const chosen = date.toString();
  useEffect(() => {
    if (!byKey.current) return;
    byKey.current = false;
    table.current?.querySelector<HTMLElement>(`[data-date="${chosen}"]`)?.focus();
  }, [chosen]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = steps[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    byKey.current = true;
    onDate(stepped(date, step));
  };
  return (
    <div className="panel">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the days within take the focus */}
      <table className="month" ref={table} onKeyDown={onKeyDown}>
        <caption className="hidden-visually">Days with their openings. Arrow keys move between days.</caption>
        <thead>
          <tr>
            {(weeks[0] ?? []).map((day) => (
              <th key={day.date.dayOfWeek} scope="col">
                {weekday(day.date)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week[0]?.date.toString()}>
              {week.map((day) => (
                <DayCell key={day.date.toString()} day={day} lane={lane} date={date} zone={zone} onDate={onDate} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function weekday(date: Temporal.PlainDate): string {
  return weekdays[date.dayOfWeek - 1] ?? "";
}

interface CellProps {
  readonly day: Day;
  readonly lane: Lane;
  readonly date: Temporal.PlainDate;
  readonly zone: string;
  readonly onDate: (date: Temporal.PlainDate) => void;
}

/** Lines that fit a cell; the bar and the details of the day show all. */
const linesShown = 3;

function DayCell({ day, lane, date, zone, onDate }: CellProps): ReactElement {
  const now = useNow(60_000);
  const entries = day.hours === 0 ? [] : entriesOf(lane, day);
  const isChosen = day.date.equals(date);
  const isToday = shareOf(day, now) !== null;
  const odd = oddLength(day.hours);
  const names = ["month-day", isToday ? "today" : "", day.date.month === date.month ? "" : "other"];
  const lines = entries.map((entry) => lineOf(entry, day, zone));
  const more = lines.length - linesShown;
  return (
    <td>
      <button
        type="button"
        className={names.join(" ")}
        data-date={day.date.toString()}
        tabIndex={isChosen ? 0 : -1}
        aria-pressed={isChosen}
        aria-current={isToday ? "date" : undefined}
        onClick={() => onDate(day.date)}
      >
        <span className="month-date">
          <span className="hidden-visually">{longDayText(day.date)}; </span>
          <span aria-hidden="true">{day.date.day}</span>
          {odd !== null && <em>{odd}</em>}
        </span>
        <DayBar entries={entries} day={day} lane={lane} />
        <span className="month-lines">
          {lines.length === 0 && <span className="hidden-visually">; closed</span>}
          {lines.map((line, index) => (
            <span
              key={entries[index]?.key}
              className={index < linesShown ? `tone-${toneOf(entries[index])}` : "hidden-visually"}
            >
              <span className="hidden-visually">; </span>
              {line}
            </span>
          ))}
          {more > 0 && <span aria-hidden="true">{more} more</span>}
        </span>
      </button>
    </td>
  );
}

function toneOf(entry: Entry | undefined): string {
  return entry === undefined ? "rest" : entryLook(entry).tone;
}

const lineWords = {
  opening: () => "open",
  freeze: ({ name }) => `frozen, ${name}`,
  caution: ({ title }) => title,
  booking: ({ title }) => title,
  some: ({ name }) => `${name}, some services`,
} as const satisfies Readonly<Record<Entry["kind"], (entry: Entry) => string>>;

/** `01:00–05:00 open`; three dots where the span goes on beyond the day. */
function lineOf(entry: Entry, day: Day, zone: string): string {
  const { kind, span } = entry;
  const word = lineWords[kind](entry);
  const [isAllMorning, isAllEvening] = [isBefore(span.from, day.from), isBefore(day.to, span.to)];
  if (isAllMorning && isAllEvening) return `all day ${word}`;
  const from = isAllMorning ? "…" : clockText(span.from, zone);
  const to = isAllEvening ? "…" : endText(span, day, zone);
  return `${from}–${to} ${word}`;
}

function endText({ to }: Span, day: Day, zone: string): string {
  return to.equals(day.to) ? "24:00" : clockText(to, zone);
}

function DayBar({
  entries,
  day,
  lane,
}: Pick<CellProps, "day" | "lane"> & { readonly entries: readonly Entry[] }): ReactElement {
  const shown = segmentsOf(entries, day).filter(({ entry }) => entry.kind !== "some");
  return (
    <span className="day-bar" aria-hidden="true">
      {!lane.restricted && lane.faults.length === 0 && (
        <span className="shade opening" style={{ left: 0, width: "100%" }} />
      )}
      {shown.map(({ entry, place }) => (
        <span
          key={entry.key}
          className={`shade ${entry.kind}`}
          style={{ left: `${place.start * 100}%`, width: `${place.width * 100}%` }}
        />
      ))}
    </span>
  );
}

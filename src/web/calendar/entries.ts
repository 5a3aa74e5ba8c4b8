import type { CalendarOverview } from "#contract/calendar.ts";
import type { Span } from "#core/span.ts";
import { placeIn, spanOf, type Day, type Place } from "./days.ts";

export type Lane = CalendarOverview["lanes"][number];
export type Booking = Lane["bookings"][number];

/** One thing with a span that a lane shows. `some`: it binds some services of the lane only. */
export interface Entry {
  readonly key: string;
  readonly kind: "opening" | "freeze" | "caution" | "booking" | "some";
  readonly title: string;
  /** Name of the rule or of the service. */
  readonly name: string;
  /** A second line: reason of a freeze, state of a booking. */
  readonly detail: string;
  readonly span: Span;
  readonly lane: Lane;
  readonly booking: Booking | null;
}

/** Everything that a lane shows that meets the range, in order of its start; a freeze beside the opening that it ends. */
export function entriesOf(lane: Lane, range: Span): readonly Entry[] {
  const found: Entry[] = [];
  const add = (
    kind: Entry["kind"],
    title: string,
    name: string,
    detail: string,
    text: { from: string; to: string },
    booking: Booking | null = null,
  ): void => {
    const span = spanOf(text);
    if (placeIn(range, span) === null) return;
    const key = `${lane.environment} ${lane.name} ${kind} ${title} ${text.from} ${booking?.id ?? ""}`;
    found.push({ key, kind, title, name, detail, span, lane, booking });
  };
  if (lane.restricted || lane.faults.length > 0) for (const span of lane.open) add("opening", "Open", "", "", span);
  for (const { name, strength, reason, spans } of lane.freezes) {
    for (const span of spans) add("freeze", `Freeze ${name}`, name, `${strength}: ${reason}`, span);
  }
  for (const { kind, name, spans } of lane.narrower) {
    for (const span of spans)
      add("some", `${kind === "freeze" ? "Freeze" : "Window"} ${name}`, name, "some services", span);
  }
  for (const { name, calendar, summary, ...span } of lane.cautions) {
    add("caution", `Caution: ${summary}`, name, `calendar ${calendar}: verdicts carry a note, nothing is closed`, span);
  }
  for (const booking of lane.bookings) {
    add("booking", `${booking.service} ${booking.version}`, booking.service, booking.state, booking, booking);
  }
  return found.toSorted((a, b) => a.span.from.epochMilliseconds - b.span.from.epochMilliseconds);
}

export interface AgendaDay {
  readonly day: Day;
  readonly entries: readonly Entry[];
  readonly clockChanges: readonly string[];
}

/** Entries by the day on which they begin, or the first day for those that began before; days without any are left out. */
export function agendaOf(lanes: readonly Lane[], days: readonly Day[]): readonly AgendaDay[] {
  return days
    .map((day, index) => {
      const entries = lanes.flatMap((lane) =>
        entriesOf(lane, day).filter(({ span }) => index === 0 || isWithin(day, span.from)),
      );
      const changes = lanes.flatMap(({ clockChanges }) =>
        clockChanges.filter(({ at }) => isWithin(day, Temporal.Instant.from(at))).map(({ sentence }) => sentence),
      );
      const sorted = entries.toSorted((a, b) => a.span.from.epochMilliseconds - b.span.from.epochMilliseconds);
      return { day, entries: sorted, clockChanges: [...new Set(changes)] };
    })
    .filter(({ entries, clockChanges }) => entries.length > 0 || clockChanges.length > 0);
}

function isWithin({ from, to }: Span, at: Temporal.Instant): boolean {
  return Temporal.Instant.compare(from, at) <= 0 && Temporal.Instant.compare(at, to) < 0;
}

/** A part of a day's bar. */
export interface Segment {
  readonly entry: Entry;
  readonly place: Place;
}

/** The bar of a day: entries of one lane as shares of its own length, which is not always 24 hours. */
export function segmentsOf(entries: readonly Entry[], range: Span): readonly Segment[] {
  return entries.flatMap((entry) => {
    const place = placeIn(range, entry.span);
    return place === null ? [] : [{ entry, place }];
  });
}

/** The place of the next entry for an arrow key in lanes of entries; up and down go to the one nearest in time. */
export function nextEntry(
  lanes: readonly (readonly Entry[])[],
  current: string | null,
  key: "left" | "right" | "up" | "down" | "home" | "end",
): Entry | null {
  const lane = Math.max(
    0,
    lanes.findIndex((entries) => entries.some((entry) => entry.key === current)),
  );
  const entries = lanes[lane] ?? [];
  const index = entries.findIndex((entry) => entry.key === current);
  const here = entries[index];
  if (here === undefined) return lanes.find((all) => all.length > 0)?.[0] ?? null;
  switch (key) {
    case "left":
      return entries[index - 1] ?? here;
    case "right":
      return entries[index + 1] ?? here;
    case "home":
      return entries[0] ?? here;
    case "end":
      return entries.at(-1) ?? here;
    case "up":
      return nearest(
        lanes.slice(0, lane).findLast((all) => all.length > 0),
        here,
      );
    case "down":
      return nearest(
        lanes.slice(lane + 1).find((all) => all.length > 0),
        here,
      );
  }
}

function nearest(entries: readonly Entry[] | undefined, here: Entry): Entry {
  const distance = (entry: Entry): number =>
    Math.abs(entry.span.from.epochMilliseconds - here.span.from.epochMilliseconds);
  return entries?.toSorted((a, b) => distance(a) - distance(b))[0] ?? here;
}

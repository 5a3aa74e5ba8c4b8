import type { VerdictOutline } from "#web/policy/questions.ts";

type WireLane = VerdictOutline["lanes"][number];
export type Course = WireLane["stretches"][number]["course"];

/** A stretch of a lane as shares of the picture's width. */
export interface Piece {
  readonly start: number;
  readonly width: number;
  readonly course: Course;
  readonly from: string;
  readonly to: string;
  readonly sentence: string;
}

export interface Track {
  readonly name: string;
  readonly pieces: readonly Piece[];
  /** Share of the width at which the lane was cut; null: it is whole. */
  readonly cutAt: number | null;
}

const words: Readonly<Record<Course, string>> = {
  passes: "passes",
  "too-short": "is open, but too short for a run",
  waits: "waits",
  stops: "stops",
};

export function courseWord(course: Course): string {
  return words[course];
}

/** Lanes with something in the way; those that pass throughout are only counted. */
export function tracksOf(outline: VerdictOutline): { readonly tracks: readonly Track[]; readonly quiet: number } {
  const loud = outline.lanes.filter(({ stretches }) => stretches.some(({ course }) => course !== "passes"));
  const joint = { rule: "all rules", stretches: outline.joint.map((one) => ({ ...one, sentence: "" })), cutAt: null };
  const tracks = [...loud, joint].map(({ rule, stretches, cutAt }) => ({
    name: rule,
    pieces: stretches.map(({ from, to, course, sentence }) => {
      const start = shareAt(outline, from);
      return { start, width: shareAt(outline, to) - start, course, from, to, sentence };
    }),
    cutAt: cutAt === null ? null : shareAt(outline, cutAt),
  }));
  return { tracks, quiet: outline.lanes.length - loud.length };
}

/** Where an instant lies in the picture, 0 to 1. */
export function shareAt({ from, to }: Pick<VerdictOutline, "from" | "to">, at: string): number {
  const [start, end] = [msOf(from), msOf(to)];
  return Math.max(0, Math.min(1, (msOf(at) - start) / (end - start)));
}

/** Steps of the slider; a quarter of an hour is as fine as windows are written. */
export const stepMs = 15 * 60_000;

export function stepsOf({ from, to }: Pick<VerdictOutline, "from" | "to">): number {
  return Math.max(1, Math.floor((msOf(to) - msOf(from) - 1) / stepMs));
}

/** Position 0 is the start of the picture, the others are whole quarters of an hour after it. */
export function instantAt({ from }: Pick<VerdictOutline, "from">, position: number): Temporal.Instant {
  const ms = msOf(from) + position * stepMs;
  return Temporal.Instant.fromEpochMilliseconds(position === 0 ? ms : Math.floor(ms / stepMs) * stepMs);
}

export function positionOf(outline: Pick<VerdictOutline, "from" | "to">, at: string): number {
  const position = Math.round((msOf(at) - msOf(outline.from)) / stepMs);
  return Math.max(0, Math.min(stepsOf(outline), position));
}

/** The nearest instant before or after `at` at which some rule changes; null when there is none in the picture. */
export function nextChange(outline: VerdictOutline, at: string, direction: "back" | "ahead"): string | null {
  const starts = outline.lanes.flatMap(({ stretches }) => stretches.slice(1).map(({ from }) => from));
  const borders = [...new Set([outline.from, ...starts])].toSorted((left, right) => msOf(left) - msOf(right));
  if (direction === "ahead") return borders.find((border) => msOf(border) > msOf(at)) ?? null;
  return borders.findLast((border) => msOf(border) < msOf(at)) ?? null;
}

export interface Tick {
  readonly share: number;
  readonly date: Temporal.PlainDate;
}

/** Midnights of the zone within the picture. */
export function midnightsOf(outline: Pick<VerdictOutline, "from" | "to">, zone: string): readonly Tick[] {
  const ticks: Tick[] = [];
  let date = Temporal.Instant.from(outline.from).toZonedDateTimeISO(zone).toPlainDate();
  for (let day = 0; day < maxDays; day += 1) {
    date = date.add({ days: 1 });
    const at = date.toZonedDateTime(zone).toInstant().toString();
    if (msOf(at) >= msOf(outline.to)) break;
    ticks.push({ share: shareAt(outline, at), date });
  }
  return ticks;
}

/** Longer than verdicts look ahead. */
const maxDays = 100;

function msOf(at: string): number {
  return Temporal.Instant.from(at).epochMilliseconds;
}

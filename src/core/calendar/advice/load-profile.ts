import { spansOf } from "#core/calendar/expand.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import { appendSpan, msOf, msOfEnd, unionOf, type SpanSet } from "#core/calendar/span-set.ts";
import { zoneOf } from "#core/calendar/zone.ts";
import type { Span } from "#core/span.ts";

/** Hours of a week: Monday 00:00 is hour 0, Sunday 23:00 is hour 167. */
export const hoursOfWeek = 168;

/**
 * How much a service has to do in each hour of the local week of an environment, and when its batches run. The unit of
 * the load is the recorder's own (requests, orders); only its proportions are used.
 */
export interface LoadProfile {
  readonly service: string;
  readonly environment: string;
  /** `hoursOfWeek` numbers, none negative. */
  readonly hours: readonly number[];
  readonly batches: readonly Batch[];
}

/** Work of its own during which nobody should touch the service or lean on it: a batch run, maintenance. */
export interface Batch {
  readonly name: string;
  readonly rule: LocalRule;
}

/**
 * An hour is quiet when its load is at most that of the quietest quarter of the week. A quarter is the nights of an
 * office system or one night of a shop: enough to book in, too little to hold a peak.
 */
export const quietQuantile = 0.25;

/** Where equal loads would make more than this share of the week quiet, as in a flat week with one trough, they are not. */
export const maxQuietShare = 0.5;

/**
 * The largest load that still counts as quiet; -1 where no hour stands out, null for a profile that is not one number
 * for each hour of the week.
 */
export function quietLoad({ hours }: LoadProfile): number | null {
  if (!isWhole(hours)) return null;
  const sorted = hours.toSorted((a, b) => a - b);
  const most = sorted[Math.ceil(quietQuantile * hoursOfWeek) - 1] ?? 0;
  if ((sorted[Math.floor(maxQuietShare * hoursOfWeek)] ?? 0) > most) return most;
  return sorted.findLast((load) => load < most) ?? -1;
}

export function peakLoad({ hours }: LoadProfile): number {
  return hours.reduce((peak, load) => Math.max(peak, load), 0);
}

function isWhole(hours: readonly number[]): boolean {
  return hours.length === hoursOfWeek && hours.every((load) => Number.isFinite(load) && load >= 0);
}

/** A stretch of time with the load of the local hour it lies in; ends where the next begins. */
export interface LoadSegment {
  readonly fromMs: number;
  readonly load: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Mon 5 Jan 1970: from here days of the week are counted. */
const firstMondayMs = 4 * dayMs;

/**
 * The load over a span, hour by local hour: an hour that the clock skips is missing, one that it repeats comes twice.
 * null when the zone is unknown or the profile is not one.
 */
export function loadOver(profile: LoadProfile, zoneName: string, span: Span): readonly LoadSegment[] | null {
  const zone = zoneOf(zoneName);
  if (zone === null || !isWhole(profile.hours)) return null;
  const endMs = msOfEnd(span.to);
  const segments: LoadSegment[] = [];
  for (let ms = msOf(span.from); ms < endMs;) {
    const localMs = ms + zone.offsetAt(ms);
    const hour = modulo(Math.floor((localMs - firstMondayMs) / hourMs), hoursOfWeek);
    segments.push({ fromMs: ms, load: profile.hours[hour] ?? 0 });
    ms += hourMs - modulo(localMs, hourMs);
  }
  return segments;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** The quiet hours within a span; null where `loadOver` is. */
export function quietSpans(profile: LoadProfile, zoneName: string, span: Span): SpanSet | null {
  const segments = loadOver(profile, zoneName, span);
  const most = quietLoad(profile);
  if (segments === null || most === null) return null;
  const endMs = msOfEnd(span.to);
  const borders: number[] = [];
  for (const [index, { fromMs, load }] of segments.entries()) {
    if (load <= most) appendSpan(borders, fromMs, segments[index + 1]?.fromMs ?? endMs);
  }
  return { borders };
}

/** When the batches of a service run within a span; null when one of them cannot be read. */
export function batchSpans({ batches }: LoadProfile, zoneName: string, span: Span): SpanSet | null {
  const sets: SpanSet[] = [];
  for (const { rule } of batches) {
    // Read like a freeze: where the clock repeats an hour the batch is taken to last through both.
    const spans = spansOf("freeze", rule, zoneName, span);
    if (!spans.ok) return null;
    sets.push(spans.value);
  }
  return unionOf(sets);
}

import type { z } from "zod";
import type { trafficSeries } from "#contract/release.ts";

export type TrafficSeries = z.infer<typeof trafficSeries>;
type Sample = TrafficSeries["samples"][number];
export type Arm = Sample["arm"];

/** One second of one arm by itself says little at 5 %: every point of a chart looks back this far. */
export const lookBackSeconds = 10;
/** A line begins after this much of a look-back: the very first second of an arm would stand there like a peak. */
const warmUpSeconds = 5;
/** Points per line; more than a chart has pixels to show them. */
const maxPoints = 400;

export interface Point {
  readonly second: number;
  /** Null where the arm had no requests in the look-back: the line is broken there, not zero. */
  readonly value: number | null;
}

export interface Line {
  readonly arm: Arm;
  readonly version: string;
  readonly points: readonly Point[];
}

export interface Totals {
  readonly arm: Arm;
  readonly version: string;
  readonly requests: number;
  readonly errors: number;
  /** Share of errors, 0 to 1; null without requests. */
  readonly errorRate: number | null;
}

export function totalsOf(series: TrafficSeries): readonly Totals[] {
  return arms(series).map(({ arm, version, samples }) => {
    const requests = sum(samples, (one) => one.requests);
    const errors = sum(samples, (one) => one.errors);
    return { arm, version, requests, errors, errorRate: requests === 0 ? null : errors / requests };
  });
}

/** Errors per request over the look-back, by second. */
export function errorRateLines(series: TrafficSeries): readonly Line[] {
  return lines(series, (window) => {
    const requests = sum(window, (one) => one.requests);
    return requests === 0 ? null : sum(window, (one) => one.errors) / requests;
  });
}

/** The seconds' own 95th percentiles over the look-back, weighted by their requests. In milliseconds. */
export function latencyLines(series: TrafficSeries): readonly Line[] {
  return lines(series, (window) => {
    const measured = window.filter((one) => one.p95Ms !== null);
    const requests = sum(measured, (one) => one.requests);
    return requests === 0 ? null : sum(measured, (one) => (one.p95Ms ?? 0) * one.requests) / requests;
  });
}

/** A first shift and the traffic that follows it lie at most this far apart when both are told by one clock. */
const togetherSeconds = 120;

/**
 * Samples carry the seconds of the target's clock, the timeline the product's own. They are the same but in a
 * demonstration, where the product's is shifted by `shiftMs`. That is today's shift: when the clock was set again since
 * the run, the first share of the timeline says where the traffic began.
 */
export function onProductClock(series: TrafficSeries, shiftMs: number, firstShift: string | null): TrafficSeries {
  const shift = productShift(
    series.samples.map(({ second }) => second),
    shiftMs,
    firstShift,
  );
  return { ...series, samples: series.samples.map((one) => ({ ...one, second: one.second + shift })) };
}

/** What to add to seconds of the target's clock; they begin with the first share. */
export function productShift(seconds: readonly number[], shiftMs: number, firstShift: string | null): number {
  const began = seconds.reduce((least, second) => Math.min(least, second), Infinity);
  if (began === Infinity) return 0;
  const told = Math.round(shiftMs / 1000);
  const shiftedAt =
    firstShift === null ? began + told : Math.floor(Temporal.Instant.from(firstShift).epochMilliseconds / 1000);
  const isTogether = Math.abs(began + told - shiftedAt) <= togetherSeconds;
  return isTogether ? told : shiftedAt - began;
}

interface ArmSamples {
  readonly arm: Arm;
  readonly version: string;
  readonly samples: readonly Sample[];
}

function arms(series: TrafficSeries): readonly ArmSamples[] {
  const of = (arm: Arm, version: string): ArmSamples => ({
    arm,
    version,
    samples: series.samples.filter((one) => one.arm === arm).toSorted((left, right) => left.second - right.second),
  });
  const canary = of("canary", series.canary);
  return series.control === null ? [canary] : [of("control", series.control), canary];
}

function lines(series: TrafficSeries, measure: (window: readonly Sample[]) => number | null): readonly Line[] {
  return arms(series).map(({ arm, version, samples }) => {
    const first = samples[0]?.second ?? 0;
    const last = samples.at(-1)?.second ?? -1;
    const stride = Math.max(1, Math.ceil((last - first + 1) / maxPoints));
    const points: Point[] = [];
    let from = 0;
    let to = 0;
    for (let second = first; second <= last; second += stride) {
      while (to < samples.length && secondAt(samples, to) <= second) to += 1;
      while (from < to && secondAt(samples, from) <= second - lookBackSeconds) from += 1;
      const isWarm = second - first >= warmUpSeconds;
      points.push({ second, value: isWarm ? measure(samples.slice(from, to)) : null });
    }
    return { arm, version, points };
  });
}

function secondAt(samples: readonly Sample[], index: number): number {
  return samples[index]?.second ?? 0;
}

function sum(samples: readonly Sample[], of: (sample: Sample) => number): number {
  let total = 0;
  for (const sample of samples) total += of(sample);
  return total;
}

export interface TableRow {
  /** Start of the row's span, in seconds since the epoch. */
  readonly second: number;
  readonly values: readonly { readonly requests: number; readonly errors: number; readonly p95Ms: number | null }[];
}

/** Rows of the table that says what the charts show; at most this many, by widening their span. */
export const maxTableRows = 40;

export function tableRows(series: TrafficSeries): { readonly spanSeconds: number; readonly rows: readonly TableRow[] } {
  const both = arms(series);
  const seconds = series.samples.map((one) => one.second);
  if (seconds.length === 0) return { spanSeconds: lookBackSeconds, rows: [] };
  const first = Math.min(...seconds);
  const last = Math.max(...seconds);
  const tens = Math.ceil((last - first + 1) / lookBackSeconds / maxTableRows);
  const spanSeconds = lookBackSeconds * Math.max(1, tens);
  const rows: TableRow[] = [];
  for (let second = first; second <= last; second += spanSeconds) {
    const values = both.map(({ samples }) => {
      const inside = samples.filter((one) => one.second >= second && one.second < second + spanSeconds);
      const measured = inside.filter((one) => one.p95Ms !== null);
      const requests = sum(measured, (one) => one.requests);
      return {
        requests: sum(inside, (one) => one.requests),
        errors: sum(inside, (one) => one.errors),
        p95Ms: requests === 0 ? null : sum(measured, (one) => (one.p95Ms ?? 0) * one.requests) / requests,
      };
    });
    rows.push({ second, values });
  }
  return { spanSeconds, rows };
}

/** `0.42 %`: two digits that mean something, whatever the size. */
export function percentText(rate: number | null): string {
  if (rate === null) return "–";
  const percent = rate * 100;
  return `${percent >= 10 ? percent.toFixed(0) : percent >= 1 ? percent.toFixed(1) : percent.toFixed(2)} %`;
}

/** `0.8 %`, `1 %`, `12 %`: round shares of an axis, without digits that say nothing. */
export function tickText(rate: number): string {
  return `${Number((rate * 100).toPrecision(3))} %`;
}

export function countText(count: number): string {
  return count.toLocaleString("en-GB");
}

export function msText(ms: number | null): string {
  return ms === null ? "–" : `${ms >= 100 ? ms.toFixed(0) : ms.toFixed(1)} ms`;
}

/*
 * When waves go: each target inside an opening of its own, a wave when the one before has soaked. All times are epoch
 * milliseconds, all spans half-open.
 */

export interface WaveTarget {
  readonly environment: string;
  /** Disjoint, in order: a start in one must end in it. */
  readonly openings: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** How long its deployment usually takes. */
  readonly lengthMs: number;
}

export interface FitQuestion {
  /** One list per wave. */
  readonly waves: readonly (readonly WaveTarget[])[];
  readonly soakMs: number;
  readonly notBeforeMs: number;
  /** From the first start to the last end at most; null: no limit. */
  readonly mixLimitMs: number | null;
}

export interface PlannedTarget {
  readonly environment: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface Fit {
  readonly waves: readonly (readonly PlannedTarget[])[];
  /** From the first start to the last end. */
  readonly mixMs: number;
}

export type FitAnswer =
  | { readonly kind: "fits"; readonly fit: Fit }
  /** It can be done, and old and new would run beside each other for too long: the shortest of all. */
  | { readonly kind: "mixed-too-long"; readonly fit: Fit }
  /** A target has no opening behind those before it. */
  | { readonly kind: "no-opening"; readonly environment: string };

/**
 * The schedule that ends first and keeps the limit on how long old and new run beside each other. It is exact: the end of
 * a schedule that waits nowhere moves with its begin, so only one that waits for an opening can be shortened by beginning
 * later; for each opening that a schedule may wait for, the latest begin that still meets it is tried.
 */
export function fitWaves(question: FitQuestion): FitAnswer {
  const first = forward(question, 0, question.notBeforeMs);
  if (typeof first === "string") return { kind: "no-opening", environment: first };
  let best: Fit | null = null;
  let shortest: Fit = first;
  for (const endMs of endsOf(question)) {
    const fit = latestFor(question, endMs);
    if (fit === null) continue;
    if (fit.mixMs < shortest.mixMs) shortest = fit;
    if (isWithin(question, fit) && (best === null || endOf(fit) < endOf(best))) best = fit;
  }
  if (isWithin(question, first) && (best === null || endOf(first) <= endOf(best))) best = first;
  return best === null ? { kind: "mixed-too-long", fit: shortest } : { kind: "fits", fit: best };
}

function isWithin({ mixLimitMs }: FitQuestion, { mixMs }: Fit): boolean {
  return mixLimitMs === null || mixMs <= mixLimitMs;
}

/** Ends of the schedule from now, and of those in which a wave ends with a target that waited for its opening. */
function endsOf(question: FitQuestion): readonly number[] {
  const { waves, notBeforeMs, soakMs } = question;
  const first = forward(question, 0, notBeforeMs);
  const ends = new Set(typeof first === "string" ? [] : [endOf(first)]);
  for (const [wave, targets] of waves.entries()) {
    for (const { openings, lengthMs } of targets) {
      for (const { fromMs, toMs } of openings) {
        if (fromMs < notBeforeMs || fromMs + lengthMs > toMs) continue;
        const rest = forward(question, wave + 1, fromMs + lengthMs + soakMs);
        if (typeof rest !== "string") ends.add(rest.waves.length === 0 ? fromMs + lengthMs : endOf(rest));
      }
    }
  }
  return [...ends].toSorted((x, y) => x - y);
}

/** The schedule that begins last and ends then at the latest; null: there is none. */
function latestFor(question: FitQuestion, endMs: number): Fit | null {
  let until = endMs;
  for (const targets of question.waves.toReversed()) {
    const starts = targets.map((target) => latestStart(target, until));
    if (starts.includes(null)) return null;
    until = Math.min(...starts.map((start) => start ?? 0)) - question.soakMs;
  }
  const beginMs = until + question.soakMs;
  if (beginMs < question.notBeforeMs) return null;
  const fit = forward(question, 0, beginMs);
  return typeof fit === "string" ? null : fit;
}

/** Every wave from this one on as early as it can go; the name of a target that has no opening left. */
function forward({ waves, soakMs }: FitQuestion, from: number, beginMs: number): Fit | string {
  const planned: (readonly PlannedTarget[])[] = [];
  let atMs = beginMs;
  for (const targets of waves.slice(from)) {
    const wave: PlannedTarget[] = [];
    for (const target of targets) {
      const startMs = earliestStart(target, atMs);
      if (startMs === null) return target.environment;
      wave.push({ environment: target.environment, startMs, endMs: startMs + target.lengthMs });
    }
    planned.push(wave);
    atMs = Math.max(...wave.map(({ endMs }) => endMs)) + soakMs;
  }
  const all = planned.flat();
  const mixMs = all.length === 0 ? 0 : atMs - soakMs - Math.min(...all.map(({ startMs }) => startMs));
  return { waves: planned, mixMs };
}

function earliestStart({ openings, lengthMs }: WaveTarget, atMs: number): number | null {
  for (const { fromMs, toMs } of openings) {
    const startMs = Math.max(fromMs, atMs);
    if (startMs + lengthMs <= toMs) return startMs;
  }
  return null;
}

function latestStart({ openings, lengthMs }: WaveTarget, untilMs: number): number | null {
  for (const { fromMs, toMs } of openings.toReversed()) {
    const startMs = Math.min(toMs, untilMs) - lengthMs;
    if (startMs >= fromMs) return startMs;
  }
  return null;
}

function endOf({ waves }: Fit): number {
  return Math.max(...waves.flat().map(({ endMs }) => endMs));
}

/**
 * Streams of two arms from a seed, second by second, for the tests and the bench of the canary judge. Equal arms differ by
 * chance alone; what moves (traffic, bursts of errors, slow spells) moves both.
 */
import type { Reading } from "#core/canary/metric.ts";

/** A sequence of numbers in [0, 1) from a seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function poisson(random: () => number, mean: number): number {
  let left = mean;
  let count = 0;
  // In parts, so that the exponential does not vanish.
  while (left > 0) {
    const part = Math.min(left, 30);
    const limit = Math.exp(-part);
    for (let product = random(); product > limit; product *= random()) count++;
    left -= part;
  }
  return count;
}

/** Exact, by leaping from hit to hit: as many draws as there are hits. */
export function binomial(random: () => number, trials: number, chance: number): number {
  if (chance <= 0) return 0;
  const scale = Math.log1p(-Math.min(chance, 1 - 1e-12));
  let hits = 0;
  for (let at = Math.log(1 - random()) / scale; at < trials; at += 1 + Math.log(1 - random()) / scale) {
    at = Math.floor(at);
    hits++;
  }
  return hits;
}

export interface World {
  readonly seconds: number;
  /** How many times worse the canary is from `onset` on; 1 for equal arms. */
  readonly ratio: number;
  readonly onset: number;
}

export const equalArms: World = { seconds: 900, ratio: 1, onset: 0 };

/** What differs from stream to stream: traffic, share of the canary, how often errors come, when both arms are troubled. */
interface Setting {
  readonly share: number;
  readonly perSecond: number;
  readonly errorRate: number;
  readonly phase: number;
  readonly trouble: { readonly from: number; readonly to: number };
}

function settingOf(random: () => number, { seconds }: World): Setting {
  const share = [0.1, 0.2, 0.5][Math.floor(random() * 3)] ?? 0.1;
  const from = random() < 1 / 3 ? Math.floor(random() * seconds) : seconds;
  return {
    share,
    perSecond: 5 * 40 ** random(),
    errorRate: 0.002 * 25 ** random(),
    phase: 2 * Math.PI * random(),
    trouble: { from, to: from + 60 },
  };
}

/** Traffic goes up and down by a third within the stream. */
function trafficAt({ perSecond, phase }: Setting, second: number, seconds: number): number {
  return perSecond * (1 + 0.3 * Math.sin(phase + (2 * Math.PI * second) / seconds));
}

export type StreamKind = "rate" | "burst" | "count" | "heavy tail" | "ties" | "gauge";
export const streamKinds: readonly StreamKind[] = ["rate", "burst", "count", "heavy tail", "ties", "gauge"];

/** The readings of one stream, a second each. Equal arguments give equal streams. */
export function* readingsOf(kind: StreamKind, seed: number, world: World): Generator<Reading> {
  const random = generator(seed);
  const setting = settingOf(random, world);
  for (let second = 0; second < world.seconds; second++) {
    const ratio = second >= world.onset ? world.ratio : 1;
    if (kind === "gauge") yield gaugeReading(random, setting, second, ratio);
    else if (kind === "count") yield countReading(random, setting, second, ratio, world);
    else if (kind === "rate" || kind === "burst") yield rateReading(random, kind, setting, second, ratio, world);
    else yield latencyReading(random, kind, setting, second, ratio, world);
  }
}

function isTroubled({ trouble }: Setting, second: number): boolean {
  return second >= trouble.from && second < trouble.to;
}

/** `burst` has its five-fold errors every other minute, `rate` for one minute in a third of the streams. */
function rateReading(
  random: () => number,
  kind: "rate" | "burst",
  setting: Setting,
  second: number,
  ratio: number,
  { seconds }: World,
): Reading {
  const isBurst = kind === "burst" ? second % 120 < 60 : isTroubled(setting, second);
  const rate = setting.errorRate * (isBurst ? 5 : 1);
  const traffic = trafficAt(setting, second, seconds);
  const controlTrials = poisson(random, traffic * (1 - setting.share));
  const canaryTrials = poisson(random, traffic * setting.share);
  const controlEvents = binomial(random, controlTrials, rate);
  const canaryEvents = binomial(random, canaryTrials, Math.min(0.95, rate * ratio));
  return { kind: "rate", controlTrials, controlEvents, canaryTrials, canaryEvents };
}

function countReading(
  random: () => number,
  setting: Setting,
  second: number,
  ratio: number,
  { seconds }: World,
): Reading {
  const perUnit = setting.errorRate * trafficAt(setting, second, seconds) * (isTroubled(setting, second) ? 5 : 1);
  const [controlTrials, canaryTrials] = [1 - setting.share, setting.share];
  const controlEvents = poisson(random, perUnit * controlTrials);
  const canaryEvents = poisson(random, perUnit * canaryTrials * ratio);
  return { kind: "count", controlTrials, controlEvents, canaryTrials, canaryEvents };
}

/** Buckets of a third of a doubling; `ties` knows three of them, `heavy tail` a Pareto tail without a variance. */
const buckets = 60;
const bucketsPerDoubling = 3;

function latencyReading(
  random: () => number,
  kind: "heavy tail" | "ties",
  setting: Setting,
  second: number,
  ratio: number,
  { seconds }: World,
): Reading {
  const traffic = Math.min(30, trafficAt(setting, second, seconds));
  const slower = isTroubled(setting, second) ? 3 : 0;
  const arm = (requests: number, factor: number): readonly number[] => {
    const counts = Array.from({ length: buckets }, () => 0);
    const shift = slower + Math.round(bucketsPerDoubling * Math.log2(factor));
    for (let request = 0; request < requests; request++) {
      // The k-th doubling is reached with chance 2^-1.5k: a tail without a variance.
      const doublings = -Math.log2(1 - random()) / 1.5;
      const place =
        kind === "ties" ? 3 * Math.min(2, Math.floor(doublings)) : Math.floor(bucketsPerDoubling * doublings);
      const bucket = Math.min(buckets - 1, place + shift);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    return counts;
  };
  const control = arm(poisson(random, traffic * (1 - setting.share)), 1);
  return { kind: "latency", control, canary: arm(poisson(random, traffic * setting.share), ratio) };
}

/** A level that wanders, with noise of heavy tails: a Cauchy in the logarithm. */
function gaugeReading(random: () => number, setting: Setting, second: number, ratio: number): Reading {
  const level = Math.sin(setting.phase + second / 50) + (isTroubled(setting, second) ? 2 : 0);
  const value = (): number => Math.exp(level + 0.2 * Math.tan(Math.PI * 0.98 * (random() - 0.5)));
  return { kind: "gauge", control: value(), canary: ratio * value() };
}

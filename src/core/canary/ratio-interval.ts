import { logGenerating, tiltedMean, type Draw } from "#core/canary/conditional-law.ts";

/**
 * A confidence sequence for how many times the control's odds the canary's are: at every look an interval, and the chance
 * that *any* of them misses a ratio that stays the same is alpha at most. It is the set of ratios that the mixture over a
 * grid does not refute (H. Robbins, "Statistical Methods Related to the Law of the Iterated Logarithm", 1970; S. Howard,
 * A. Ramdas, J. McAuliffe and J. Sekhon, "Time-uniform, Nonparametric, Nonasymptotic Confidence Sequences", 2021). For a
 * ratio that moves, the lower limit is below its highest and the upper limit above its lowest value.
 */
export interface RatioEvidence {
  /** Events of the canary so far. */
  readonly canaryEvents: number;
  /** Per point of the grid: sum of log E[psi^K], and of its derivative, over the steps. */
  readonly logs: readonly number[];
  readonly slopes: readonly number[];
}

export interface RatioInterval {
  /** Zero when the data do not bound it. */
  readonly lower: number;
  /** Null when the data do not bound it. */
  readonly upper: number | null;
  /** The likeliest ratio, within the grid; null without events. */
  readonly estimate: number | null;
}

/** From an eighth to sixteen times, in equal steps of the logarithm; between two points the curve is a cubic. */
const gridFrom = -Math.log(8);
const gridStep = 0.175;
const grid: readonly number[] = Array.from({ length: 29 }, (_, index) => gridFrom + gridStep * index);
const pieces = 16;

export const noRatioEvidence: RatioEvidence = {
  canaryEvents: 0,
  logs: grid.map(() => 0),
  slopes: grid.map(() => 0),
};

export function observeRatio(state: RatioEvidence, draw: Draw | null): RatioEvidence {
  if (draw === null) return state;
  return {
    canaryEvents: state.canaryEvents + draw.toCanary,
    logs: state.logs.map((sum, index) => sum + logGenerating(draw, Math.exp(grid[index] ?? 0))),
    slopes: state.slopes.map((sum, index) => sum + tiltedMean(draw, Math.exp(grid[index] ?? 0))),
  };
}

/** The interval as it stands now. `alpha` is for both limits together. */
export function ratioInterval(state: RatioEvidence, alpha: number): RatioInterval {
  const likelihoods = grid.map((theta, index) => state.canaryEvents * theta - (state.logs[index] ?? 0));
  const highest = Math.max(...likelihoods);
  let mean = 0;
  for (const likelihood of likelihoods) mean += Math.exp(likelihood - highest) / grid.length;
  const bound = highest + Math.log(mean) + Math.log(alpha);
  if (state.canaryEvents === 0 && likelihoods.every((value) => value === 0)) return unbounded;
  const points = curveOf(state, likelihoods);
  let best = 0;
  for (const [index, point] of points.entries()) if (point.value > (points[best]?.value ?? -Infinity)) best = index;
  // The curve is concave: what is not refuted is one interval.
  const first = points.findIndex(({ value }) => value > bound);
  const last = points.findLastIndex(({ value }) => value > bound);
  return {
    lower: first <= 0 ? 0 : Math.exp(points[first - 1]?.theta ?? 0),
    upper: last < 0 || last >= points.length - 1 ? null : Math.exp(points[last + 1]?.theta ?? 0),
    estimate: Math.exp(points[best]?.theta ?? 0),
  };
}

const unbounded: RatioInterval = { lower: 0, upper: null, estimate: null };

interface Point {
  readonly theta: number;
  readonly value: number;
}

/** The log likelihood between the points of the grid by cubic Hermite interpolation: values and slopes are exact there. */
function curveOf(state: RatioEvidence, likelihoods: readonly number[]): readonly Point[] {
  const points: Point[] = [];
  for (let index = 0; index + 1 < grid.length; index++) {
    const [from, to] = [likelihoods[index] ?? 0, likelihoods[index + 1] ?? 0];
    const slope = (at: number): number => (state.canaryEvents - (state.slopes[at] ?? 0)) * gridStep;
    for (let piece = 0; piece < pieces; piece++) {
      const u = piece / pieces;
      const rising = u * u * (3 - 2 * u);
      const value = from * (1 - rising) + to * rising + u * (1 - u) * (slope(index) * (1 - u) - slope(index + 1) * u);
      points.push({ theta: (grid[index] ?? 0) + u * gridStep, value });
    }
  }
  return [...points, { theta: grid.at(-1) ?? 0, value: likelihoods.at(-1) ?? 0 }];
}

import { createCanaryJudge, type CanaryOutcome, type CanaryState } from "#core/canary/judge.ts";
import { plainMetric, type MetricSpec } from "#core/canary/metric.ts";
import type { ArmCounts } from "#core/rollout/stages.ts";

/**
 * What a rollout is judged by: the errors and the latency that the proxy at the target counts, second by second, with the
 * judge of `core/canary` (ADR 0009, ADR 0031). It may be asked after every second: the chance that a canary that is not
 * worse is ever called worse stays below alpha at any number of looks.
 */
export const canaryMetrics = ["errors", "latency"] as const;
export type CanaryMetric = (typeof canaryMetrics)[number];

export interface JudgeSettings {
  /** Chance of a false alarm over the whole life of the canary and over all metrics together. */
  readonly alpha: number;
  /** "Not worse" means: proven to have less than `1 + margin` times the control's rate. */
  readonly margin: number;
  readonly metrics: readonly CanaryMetric[];
}

export const defaultJudgeSettings: JudgeSettings = { alpha: 0.01, margin: 0.5, metrics: canaryMetrics };

/** Counts of one second, or of any step: what has come since the last look, not the sum. */
export interface Increments {
  readonly control: ArmCounts;
  readonly canary: ArmCounts;
}

export interface CanaryVerdict {
  readonly outcome: CanaryOutcome;
  readonly metrics: readonly MetricVerdict[];
  /** Canary requests that are still needed for "not worse", if it equals the control; null when nobody can tell. */
  readonly furtherRequests: number | null;
  readonly canaryRequests: number;
  /** Why the position is held: counts that cannot be. Empty when all is well. */
  readonly holds: readonly string[];
}

export interface MetricVerdict {
  readonly metric: CanaryMetric;
  readonly outcome: CanaryOutcome;
  /** Evidence of harm as it stands now: it falls again when the canary behaves. 1 means none in either direction. */
  readonly evidence: number;
}

/** Plain data: it can be stored between two looks. */
export interface JudgeState {
  readonly canaryRequests: number;
  readonly steps: number;
  readonly canary: CanaryState;
}

export interface Judge {
  readonly initial: JudgeState;
  readonly observe: (state: JudgeState, increments: Increments) => JudgeState;
  readonly verdict: (state: JudgeState) => CanaryVerdict;
}

/**
 * Errors: none more than the control's are tolerated. Latency: up to twice as many slow requests, slow beginning two
 * buckets (of about 1.4 times each) above the control's quantile, and not from the first 200 requests, because a process that
 * has just started runs cold code beside one that has been running for hours; equal versions would be told apart by age.
 */
const specOf: Readonly<Record<CanaryMetric, Omit<MetricSpec, "margin">>> = {
  errors: { ...plainMetric, name: "errors", kind: "rate", healthyBelow: 0.01 },
  latency: {
    ...plainMetric,
    name: "latency",
    kind: "latency",
    healthyBelow: 0.1,
    tolerated: 2,
    warmUpTrials: 200,
    slow: { quantiles: [0.95, 0.5], bucketsAbove: 1 },
  },
};

/** How many times the control's odds the canary's may be before more of it counts as harm. */
export function toleratedRatio(metric: CanaryMetric): number {
  return specOf[metric].tolerated;
}

/** The counts come from one place, whose silence the caller notices; they have no age of their own here. */
const ageless = Number.POSITIVE_INFINITY;
const series = "proxy";

/** Throws a RangeError for settings without meaning: alpha outside of (0, 1), a margin that is not positive, no metric. */
export function createJudge(settings: JudgeSettings): Judge {
  const { alpha, margin, metrics } = settings;
  const specs = metrics.map((metric) => ({ ...specOf[metric], margin }));
  const judge = createCanaryJudge({ alpha, metrics: specs, freshForSeconds: ageless });
  return {
    initial: { canaryRequests: 0, steps: 0, canary: judge.initial },
    observe: (state, increments) => {
      const second = state.steps;
      const samples = metrics.map((metric) => ({ second, series, reading: readingOf(metric, increments) }));
      return {
        canaryRequests: state.canaryRequests + increments.canary.requests,
        steps: second + 1,
        canary: judge.observe(state.canary, second, samples),
      };
    },
    verdict: (state) => {
      const judged = judge.verdict(state.canary, state.steps);
      const open = judged.metrics.filter(({ outcome }) => outcome === "not-enough");
      return {
        outcome: judged.outcome,
        metrics: metrics.map((metric, index) => ({
          metric,
          // Harm that only both metrics together prove is said of those that carry it.
          outcome: judged.blamed.includes(metric) ? "worse" : (judged.metrics[index]?.outcome ?? "not-enough"),
          evidence: judged.metrics[index]?.evidence ?? 1,
        })),
        furtherRequests: judged.outcome === "not-enough" ? maxOrNull(open.map((own) => own.furtherToClear)) : 0,
        canaryRequests: state.canaryRequests,
        // Before the first second there is nothing wrong with the source yet.
        holds: state.steps === 0 ? [] : judged.holds,
      };
    },
  };
}

function readingOf(metric: CanaryMetric, { control, canary }: Increments) {
  if (metric === "latency") return { kind: "latency", control: control.latency, canary: canary.latency } as const;
  return {
    kind: "rate",
    controlTrials: control.requests,
    controlEvents: control.errors,
    canaryTrials: canary.requests,
    canaryEvents: canary.errors,
  } as const;
}

function maxOrNull(values: readonly (number | null)[]): number | null {
  let max = 0;
  for (const value of values) {
    if (value === null) return null;
    max = Math.max(max, value);
  }
  return max;
}

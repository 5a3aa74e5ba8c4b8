import { drawOf } from "#core/canary/conditional-law.ts";
import type { CanaryOutcome } from "#core/canary/judge.ts";
import { noRatioEvidence, observeRatio, ratioInterval, type RatioEvidence } from "#core/canary/ratio-interval.ts";
import type { Step } from "#core/canary/step.ts";
import {
  canaryMetrics,
  toleratedRatio,
  type CanaryMetric,
  type CanaryVerdict,
  type JudgeSettings,
  type JudgeState,
} from "#core/rollout/judge.ts";

/**
 * What the judge of a rollout saw at one second, kept so that a person sees later why it said what it said. All of it is
 * the judge's own: its evidence, its outcome, and the confidence sequence over the very steps that it was given.
 */
export interface MetricLook {
  readonly metric: CanaryMetric;
  readonly outcome: CanaryOutcome;
  /** Evidence of harm as it stands now; 1 means none in either direction. */
  readonly evidence: number;
  /** Where the ratio of the canary's odds to the control's lies, at all looks together; zero and null: not bounded. */
  readonly lower: number;
  readonly upper: number | null;
  /** The likeliest ratio; null without events. */
  readonly estimate: number | null;
}

export interface CanaryLook {
  /** Epoch second at the target. */
  readonly second: number;
  readonly outcome: CanaryOutcome;
  readonly metrics: readonly MetricLook[];
  /** Requests of the canary since its first second of traffic. */
  readonly canaryRequests: number;
  /** Further requests of it until "not worse", if it equals the control; null when nobody can tell. */
  readonly furtherRequests: number | null;
  /** Why the position is held; empty when the counts can be believed. */
  readonly holds: readonly string[];
}

/** A look with the place of the run at that second. */
export interface StageLook extends CanaryLook {
  /** Share of the stage that was watched. */
  readonly percent: number;
  /** Requests of the canary, and seconds, since the stage began. */
  readonly stageRequests: number;
  readonly stageSeconds: number;
}

/** What a picture of a metric is drawn against. */
export interface PictureFrame {
  readonly metric: CanaryMetric;
  /** Worse from here on: a lower limit above it proves harm. */
  readonly tolerated: number;
  /** Not worse below here: an upper limit below it proves that there is none worth the name. */
  readonly bound: number;
}

/** Per metric of the judge, in its order. */
export type PictureState = readonly RatioEvidence[];

export function startPicture({ metrics }: Pick<JudgeSettings, "metrics">): PictureState {
  return metrics.map(() => noRatioEvidence);
}

/**
 * The state after the judge has gone from one state to the next. Each metric's step is what its totals grew by: of a
 * latency those beyond the first threshold.
 */
export function observePicture(state: PictureState, before: JudgeState, after: JudgeState): PictureState {
  return state.map((evidence, index) => {
    const [from, to] = [before.canary.metrics[index]?.totals, after.canary.metrics[index]?.totals];
    return from === undefined || to === undefined ? evidence : observeRatio(evidence, drawOf(growth(from, to), "rate"));
  });
}

function growth(from: Step, to: Step): Step {
  return {
    controlTrials: to.controlTrials - from.controlTrials,
    controlEvents: to.controlEvents - from.controlEvents,
    canaryTrials: to.canaryTrials - from.canaryTrials,
    canaryEvents: to.canaryEvents - from.canaryEvents,
  };
}

/** Evidence beyond this says nothing more, and stays a number that can be stored. */
const mostEvidence = 1e12;

export function lookOf(second: number, verdict: CanaryVerdict, state: PictureState, alpha: number): CanaryLook {
  return {
    second,
    outcome: verdict.outcome,
    metrics: verdict.metrics.map(({ metric, outcome, evidence }, index) => {
      const interval = ratioInterval(state[index] ?? noRatioEvidence, alpha);
      return { metric, outcome, evidence: Math.min(evidence, mostEvidence), ...interval };
    }),
    canaryRequests: verdict.canaryRequests,
    furtherRequests: verdict.furtherRequests,
    holds: verdict.holds,
  };
}

export function pictureFrames({ margin }: Pick<JudgeSettings, "margin">): readonly PictureFrame[] {
  return canaryMetrics.map((metric) => ({ metric, tolerated: toleratedRatio(metric), bound: 1 + margin }));
}

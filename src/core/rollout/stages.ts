/** Cumulated counts of one version since the canary began. */
export interface ArmCounts {
  readonly requests: number;
  readonly errors: number;
  /** Requests per latency bucket, same bounds for both arms. */
  readonly latency: readonly number[];
}

/**
 * What watching one stage came to. `worse`: proven worse than the control · `healthy`: not worse within the margin, or
 * enough evidence without harm · `not-enough`: too little evidence in the time given: hold, never pass · `aborted`: a
 * person asked for it · `blind`: no metrics.
 */
export const stageOutcomes = ["healthy", "worse", "not-enough", "aborted", "blind"] as const;
export type StageOutcome = (typeof stageOutcomes)[number];

import type { DeploymentId } from "#core/id.ts";

/** What is wanted of one person about something that goes live or is live. It is gone when it is done. */
export interface LiveAsk {
  /**
   * `decide`: whether it goes back, and nobody else may say so but those who are asked. `answer`: what their business needs
   * meanwhile. `held`: whether a run on hold goes on or back, where nobody is named. `sessions`: whether those of a version that was
   * left running are ended. `check-in`: how it does. `notice`: they were told something about it that still stands.
   */
  readonly kind: "decide" | "answer" | "held" | "sessions" | "check-in" | "notice";
  readonly deployment: DeploymentId;
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly sentence: string;
  readonly since: Temporal.Instant;
  /** When something comes of silence; null: nothing does by itself. */
  readonly until: Temporal.Instant | null;
}

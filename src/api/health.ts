import type { DeploymentState } from "#core/rollout/state.ts";

export interface Health {
  /** What the server needs to do its work, each with a reason when it does not work. */
  readonly dependencies: () => Promise<readonly Dependency[]>;
  /** When the oldest due work was due; null when nothing is due. Health means progress. */
  readonly oldestDueAt: () => Promise<Temporal.Instant | null>;
  readonly deploymentsByState: () => Promise<ReadonlyMap<DeploymentState, number>>;
  /** What is wrong with the installation and what to do. */
  readonly examine: () => Promise<readonly InstallationCheck[]>;
}

export interface Dependency {
  readonly name: string;
  readonly ready: boolean;
  readonly reason: string;
}

export interface InstallationCheck {
  readonly name: string;
  readonly status: "ok" | "warning" | "failed";
  readonly sentence: string;
  readonly remedy: string;
}

/** Age in seconds; 0 when there is nothing or when it lies ahead. */
export function ageSeconds(since: Temporal.Instant | null, now: Temporal.Instant): number {
  return since === null ? 0 : Math.max(0, now.epochMilliseconds - since.epochMilliseconds) / 1000;
}

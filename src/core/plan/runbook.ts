import type { Plan } from "#core/plan/plan.ts";

/** A plan that people wrote down and keep (capability I8). A run is pinned to the version it began with. */
export interface Runbook {
  readonly name: string;
  /** Digest of the document. */
  readonly version: string;
  /** Person or team that answers for it. */
  readonly owner: string;
  readonly summary: string;
  readonly plan: Plan;
}

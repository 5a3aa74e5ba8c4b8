import type { Plan } from "#core/plan/plan.ts";

/** A plan that people wrote down and keep (capability I8). A run is pinned to the version it began with. */
export interface Runbook {
  readonly name: string;
  /** Digest of the document. */
  readonly version: string;
  /** Person or team that answers for it. */
  readonly owner: string;
  readonly summary: string;
  /** It is of high risk: somebody of this person, team or role has to be present. null: it is not. */
  readonly overseer: string | null;
  readonly plan: Plan;
}

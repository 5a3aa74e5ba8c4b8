import type { DecisionProtocol } from "#core/rollback/decision.ts";
import type { RollbackPlan } from "#core/rollback/plan.ts";
import type { RehearsalPlan } from "#core/rollback/rehearsal.ts";

/** What a team has written about taking its service back (kind Rollback); one for a service. */
export interface Rollback {
  readonly plan: RollbackPlan;
  /** null: the way back is not rehearsed. */
  readonly rehearsal: RehearsalPlan | null;
  /** null: who may decide on a held run is asked as long as it holds. */
  readonly decision: DecisionProtocol | null;
}

import type { Scope } from "#core/catalog/scope.ts";
import type { Role } from "#core/catalog/people.ts";

/** Who must consent to what matches the scope. The first matching route by `priority` (highest first) applies. */
export interface ApprovalRoute {
  readonly name: string;
  readonly scope: Scope;
  readonly priority: number;
  /** Distinct persons needed, never the requester or the author. 0: automatic. */
  readonly approvals: number;
  /** Persons entitled: holders of one of these roles, or members of one of these teams. */
  readonly roles: readonly Role[];
  readonly teams: readonly string[];
  /** Age after which an approval no longer counts; null for none. */
  readonly validFor: Temporal.Duration | null;
}

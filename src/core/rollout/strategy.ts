import { matchesScope, type Scope, type ScopeSubject } from "#core/catalog/scope.ts";

/** How a version gets its traffic: stages of rising share, each watched before the next. */
export interface Strategy {
  readonly name: string;
  readonly scope: Scope;
  /** Highest first; the first that matches applies. */
  readonly priority: number;
  readonly stages: readonly Stage[];
}

export interface Stage {
  /** Share of live traffic in per cent; the last stage has 100. */
  readonly percent: number;
  /** Watched at least this long, however good it looks. */
  readonly minSeconds: number;
  /** Without enough evidence after this long the run holds its position and asks a person. */
  readonly maxSeconds: number;
  /** Requests the new version must have served before the stage can pass: no traffic is not health. */
  readonly minRequests: number;
}

/** In force where no strategy matches: 5, 25, 50 and 100 %, each watched for a minute at least. */
export const defaultStrategy: Strategy = {
  name: "default-canary",
  scope: {},
  priority: 0,
  stages: [5, 25, 50, 100].map((percent) => ({ percent, minSeconds: 60, maxSeconds: 900, minRequests: 50 })),
};

export function strategyFor(strategies: readonly Strategy[], subject: ScopeSubject): Strategy {
  const matching = strategies.filter((strategy) => matchesScope(strategy.scope, subject));
  const [best] = matching.toSorted((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1));
  return best ?? defaultStrategy;
}

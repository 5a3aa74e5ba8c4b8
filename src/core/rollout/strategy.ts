import { matchesScope, type Scope, type ScopeSubject } from "#core/catalog/scope.ts";

export const methodIds = ["canary", "blue-green", "rolling", "replica-switch-over", "stop-start"] as const;
export type MethodId = (typeof methodIds)[number];

/** How a version gets its traffic: stages of rising share, each watched before the next. */
export interface Strategy extends HowItRolls {
  readonly name: string;
  readonly scope: Scope;
  /** Highest first; the first that matches applies. */
  readonly priority: number;
  readonly stages: readonly Stage[];
}

/** As it holds for one change: a document, or the default of all ways or of those back. */
export interface StrategyInForce extends Strategy {
  /** It goes back at once because no strategy says otherwise: the name of the one that would hold for a way forward. */
  readonly insteadOf?: string;
}

/** What strategies of before did not say: a canary by share alone. */
export interface HowItRolls {
  readonly method?: MethodId;
  /** Canary: this cohort has the new version from the first stage on, whatever the share. */
  readonly cohort?: string;
  /** Blue-green: how sessions of the old colour come to their end. */
  readonly sessions?: SessionLimits;
  /** Blue-green: the old colour stays at hand for this many seconds after the cut-over. */
  readonly holdSeconds?: number;
}

export interface SessionLimits {
  /** A session that was silent for this long has ended. */
  readonly idleSeconds: number;
  /** Seconds from the cut-over after which somebody is asked about sessions of the old colour that still live. */
  readonly drainSeconds: number;
  /** What becomes of them then; absent: `hold`. */
  readonly atLimit?: AtLimit | undefined;
}

/** `hold`: they are waited for, and a person is asked again and again · `end`: they are ended, counted and on record. */
export const atLimits = ["hold", "end"] as const;
export type AtLimit = (typeof atLimits)[number];

export interface Stage {
  /** Share of live traffic in per cent; the last stage has 100. */
  readonly percent: number;
  /** Watched at least this long, however good it looks. */
  readonly minSeconds: number;
  /** Without enough evidence after this long the run holds its position and asks a person; 0: it is not watched. */
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

/**
 * The strategy in force: of those that match, the highest priority. What was live before comes back at once (ADR 36), unless
 * the one in force names actions and so speaks of ways back itself; of equal priority those that do go first there.
 */
export function strategyFor(strategies: readonly Strategy[], subject: ScopeSubject): StrategyInForce {
  const isBack = subject.action === "roll-back";
  const names = ({ scope }: Strategy): number => (isBack && scope.actions !== undefined ? 1 : 0);
  const matching = strategies.filter((strategy) => matchesScope(strategy.scope, subject));
  const [best = defaultStrategy] = matching.toSorted(
    (a, b) => b.priority - a.priority || names(b) - names(a) || (a.name < b.name ? -1 : 1),
  );
  return isBack && names(best) === 0 ? atOnce(best) : best;
}

export const atOnceName = "at-once";

/** Nobody compares it: it was live, and what it is taken for is worse. Where it is live is verified all the same. */
const atOnceStage: Stage = { percent: 100, minSeconds: 0, maxSeconds: 0, minRequests: 0 };

/** A method that never has two versions at a time stays; of the others nothing holds but that both may run. */
function atOnce({ name, method }: Strategy): StrategyInForce {
  const isApart = method === "stop-start" || method === "replica-switch-over";
  const how = isApart ? { method } : {};
  return { name: atOnceName, scope: {}, priority: 0, stages: [atOnceStage], insteadOf: name, ...how };
}

/** How what goes back comes to its users, and what says so: the document, or that none does. */
export function sayWayBack({ insteadOf, name, stages }: StrategyInForce): string {
  if (insteadOf !== undefined) {
    return `At once to 100 %, because it is a way back: the default, as no strategy for roll-back goes before ${insteadOf}.`;
  }
  if (stages.length === 1) return `At once to 100 %, because it is a way back: strategy ${name}.`;
  const shares = stages.map(({ percent }) => percent).join(", ");
  return `A way back in stages of ${shares} %: strategy ${name}.`;
}

/** Of the old colour, where a strategy does not say otherwise. */
export const defaultSessions: SessionLimits = { idleSeconds: 300, drainSeconds: 900 };
export const defaultHoldSeconds = 900;

export function methodOf({ method }: HowItRolls): MethodId {
  return method ?? "canary";
}

/** What a strategy says beside its stages, for what consent binds to; nothing of it for those that say nothing. */
export function howItRolls({ method, cohort, sessions, holdSeconds }: HowItRolls): HowItRolls {
  return {
    ...(method === undefined ? {} : { method }),
    ...(cohort === undefined ? {} : { cohort }),
    ...(sessions === undefined ? {} : { sessions }),
    ...(holdSeconds === undefined ? {} : { holdSeconds }),
  };
}

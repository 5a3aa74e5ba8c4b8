import type { Environment } from "#core/catalog/environment.ts";
import type { Service } from "#core/catalog/service.ts";
import type { Exclusion, RolloutCase, RolloutMethod, Weight } from "#core/rollout/method.ts";
import { rolloutMethods } from "#core/rollout/method-registry.ts";
import { apartReasons } from "#core/rollout/side-by-side.ts";
import { methodOf, type MethodId, type StrategyInForce } from "#core/rollout/strategy.ts";
import type { TrafficAbilities } from "#core/rollout/traffic-abilities.ts";

/** How a rollout of before went; what advice is drawn from. */
export interface PastRollout {
  readonly deployment: string;
  readonly service: string;
  readonly environment: string;
  readonly method: MethodId;
  readonly endedAt: Temporal.Instant;
  /** It stood still because too few requests came to judge it. */
  readonly hadTooLittleTraffic: boolean;
}

export interface RankedMethod {
  readonly method: MethodId;
  readonly points: number;
  readonly weights: readonly Weight[];
  /** Rollouts of before that speak against it. */
  readonly cites: readonly string[];
}

export interface ExcludedMethod {
  readonly method: MethodId;
  readonly reasons: readonly Exclusion[];
}

export interface Choice {
  /** Best first; of equal points in the order of the set. */
  readonly ranked: readonly RankedMethod[];
  readonly excluded: readonly ExcludedMethod[];
}

export function caseOf(service: Service, environment: Environment, routing: TrafficAbilities | null): RolloutCase {
  return {
    service: service.name,
    environment: environment.name,
    traits: service.rollout ?? {},
    place: environment.rollout ?? {},
    routing,
  };
}

/**
 * The methods that can be used, ranked with what speaks for and against each, and the others with why not. A function of
 * its arguments: the service, the place, what the proxy there can do, and how rollouts in that environment went before.
 * History advises and never excludes.
 */
export function chooseMethod(about: RolloutCase, history: readonly PastRollout[]): Choice {
  const ranked: RankedMethod[] = [];
  const excluded: ExcludedMethod[] = [];
  for (const method of Object.values(rolloutMethods)) {
    const reasons = exclusionsOf(method, about);
    if (reasons.length > 0) excluded.push({ method: method.id, reasons });
    else ranked.push(rank(method, about, history));
  }
  return { ranked: ranked.toSorted((a, b) => b.points - a.points), excluded };
}

/**
 * Why the strategy cannot be used there; none: it can be planned. What goes back at once compares nothing and needs no way
 * back, so only the harm of two versions at a time, or of a downtime, excludes it.
 */
export function strategyExclusions(strategy: StrategyInForce, about: RolloutCase): readonly Exclusion[] {
  const method = rolloutMethods[methodOf(strategy)];
  if (strategy.insteadOf === undefined) return exclusionsOf(method, about);
  return method.id === "canary" ? apartReasons(about) : method.exclusions(about);
}

function exclusionsOf(method: RolloutMethod, about: RolloutCase): readonly Exclusion[] {
  const { service, traits } = about;
  const own = method.exclusions(about);
  if (traits.rollbackSeconds === undefined || traits.rollbackSeconds >= method.wayBackSeconds) return own;
  const tooSlow: Exclusion = {
    code: "way-back-too-slow",
    sentence: `users of ${service} must be back within ${traits.rollbackSeconds} s, and this way back takes up to ${method.wayBackSeconds} s`,
    remedy: "Choose a method with a faster way back, or agree on more time and set rollout.rollbackSeconds.",
  };
  return [...own, tooSlow];
}

function rank(method: RolloutMethod, about: RolloutCase, history: readonly PastRollout[]): RankedMethod {
  const cites = tooQuiet(method, about, history);
  const weights = [...method.weights(about)];
  if (cites.length > 0) {
    const sentence = `the last ${cites.length} in ${about.environment} had too little traffic to be judged: ${cites.join(", ")}`;
    weights.push({ points: -quietPoints, sentence });
  }
  const points = weights.reduce((sum, weight) => sum + weight.points, method.base);
  return { method: method.id, points, weights, cites };
}

/** So many canaries without enough traffic are no accident of one of them. */
const quietLimit = 3;
/** Enough to put every other method that fits before it. */
const quietPoints = 50;

/** The newest rollouts by this method in the environment, when all of the last few had too little traffic. */
function tooQuiet(
  method: RolloutMethod,
  { environment }: RolloutCase,
  history: readonly PastRollout[],
): readonly string[] {
  if (!method.needsSample) return [];
  const newest = history
    .filter((past) => past.environment === environment && past.method === method.id)
    .toSorted((a, b) => Temporal.Instant.compare(b.endedAt, a.endedAt))
    .slice(0, quietLimit);
  const areQuiet = newest.length === quietLimit && newest.every(({ hadTooLittleTraffic }) => hadTooLittleTraffic);
  return areQuiet ? newest.map(({ deployment }) => deployment) : [];
}

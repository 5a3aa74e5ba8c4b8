import type {
  CapacityLimit,
  Clause,
  CoreUpgradeDemand,
  EmergencyDemand,
  ErrorBudgetDemand,
  EvidenceDemand,
  PromotionDemand,
  RollbackDemand,
  RiskDemand,
  RolloutDemand,
  SignalDemand,
  StabilisationDemand,
  TicketDemand,
  VerificationDemand,
} from "#core/policy/policy.ts";
import { planDemands } from "#core/policy/policy.ts";
import { elapsedMs } from "#core/policy/say.ts";
import { compareVersions, parseVersion } from "#core/release/semver.ts";

/**
 * The order of strictness of every setting (ADR 0015). Each function is the join of a lattice: commutative, associative,
 * idempotent, and what it gives is at least as strict as either argument. `null` demands nothing and is the least element.
 */

/** A least value: the greater is stricter. */
export function greater(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** A greatest value: the smaller is stricter. */
export function smaller(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/** An age or a term: the shorter is stricter. */
export function shorter(a: Temporal.Duration | null, b: Temporal.Duration | null): Temporal.Duration | null {
  if (a === null || b === null) return a ?? b;
  return compareLengths(a, b) <= 0 ? a : b;
}

/** A soak or a wait: the longer is stricter. */
export function longer(a: Temporal.Duration, b: Temporal.Duration): Temporal.Duration {
  return compareLengths(a, b) >= 0 ? a : b;
}

/** Months and years have a length only from somewhere: a policy cannot be written with them, a damaged row can. */
const anchor = Temporal.PlainDate.from("2026-01-01");

export function compareLengths(a: Temporal.Duration, b: Temporal.Duration): number {
  // By far the most: ten times faster than counting calendar days, in which no policy is written.
  const isElapsed = a.years === 0 && a.months === 0 && b.years === 0 && b.months === 0;
  if (isElapsed) return Math.sign(elapsedMs(a) - elapsedMs(b));
  return Temporal.Duration.compare(a, b, { relativeTo: anchor });
}

/**
 * A rule set no older than this: the later version is stricter. What is no version is met by no rule set and therefore
 * stricter than any; of two such the later in the order of code units stands.
 */
export function laterRuleSet(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return compareRuleSets(a, b) >= 0 ? a : b;
}

function compareRuleSets(a: string, b: string): number {
  const left = parseVersion(a);
  const right = parseVersion(b);
  const order =
    left !== null && right !== null ? compareVersions(left, right) : Number(right !== null) - Number(left !== null);
  if (order !== 0) return order;
  return a < b ? -1 : Number(a > b);
}

/** Both must hold, so of one kind the tighter of every figure. */
export function joinEvidence(a: EvidenceDemand, b: EvidenceDemand): EvidenceDemand {
  return {
    kind: a.kind,
    min: greater(a.min, b.min),
    max: smaller(a.max, b.max),
    maxAge: shorter(a.maxAge, b.maxAge),
    ruleSet: laterRuleSet(a.ruleSet, b.ruleSet),
  };
}

export function joinVerification(a: VerificationDemand, b: VerificationDemand): VerificationDemand {
  return { maxAge: shorter(a.maxAge, b.maxAge) };
}

/** The states that all allow, in order; none left: no ticket will do. */
export function joinTicket(a: TicketDemand, b: TicketDemand): TicketDemand {
  return { states: intersection(a.states, b.states) };
}

export function joinErrorBudget(a: ErrorBudgetDemand, b: ErrorBudgetDemand): ErrorBudgetDemand {
  return { minLeft: Math.max(a.minLeft, b.minLeft) };
}

export function joinCapacity(a: CapacityLimit, b: CapacityLimit): CapacityLimit {
  return { resource: a.resource, max: Math.min(a.max, b.max) };
}

/** Of risk summed by the same thing; sums by different things are two demands and both hold. */
export function joinAppetite(a: Appetite, b: Appetite): Appetite {
  return { per: a.per, most: Math.min(a.most, b.most) };
}

/** At most so much booked risk on one local day, summed by environment, unit or region. */
export interface Appetite {
  readonly per: RiskDemand["per"];
  readonly most: number;
}

export function joinSignals(a: SignalDemand, b: SignalDemand): SignalDemand {
  return { okFor: longer(a.okFor, b.okFor) };
}

/** All services that either names, the longer soak of both, and only the tiers that both let pass. */
export function joinCoreUpgrades(a: CoreUpgradeDemand, b: CoreUpgradeDemand): CoreUpgradeDemand {
  return {
    services: union(a.services, b.services),
    soak: longer(a.soak, b.soak),
    criticalTiers: intersection(a.criticalTiers, b.criticalTiers),
  };
}

export function joinStabilisation(a: StabilisationDemand, b: StabilisationDemand): StabilisationDemand {
  const lasts = longer(a.lasts, b.lasts);
  return a.own === true || b.own === true ? { lasts, own: true } : { lasts };
}

export function joinPromotion(a: PromotionDemand, b: PromotionDemand): PromotionDemand {
  return { soak: longer(a.soak, b.soak) };
}

export function joinRollback(a: RollbackDemand, b: RollbackDemand): RollbackDemand {
  return {
    plan: planDemands.indexOf(a.plan) >= planDemands.indexOf(b.plan) ? a.plan : b.plan,
    rehearsedWithin: shorter(a.rehearsedWithin, b.rehearsedWithin),
  };
}

export function joinRollout(a: RolloutDemand, b: RolloutDemand): RolloutDemand {
  return { canaryFor: union(a.canaryFor, b.canaryFor) };
}

/** Of two terms of the same length the one with fewer days: its days are working days and may last longer. */
function shorterTerm(a: Temporal.Duration, b: Temporal.Duration): Temporal.Duration {
  const order = compareLengths(a, b);
  const days = (term: Temporal.Duration): number => term.days + term.weeks * 7;
  return order < 0 || (order === 0 && days(a) <= days(b)) ? a : b;
}

export function joinEmergency(a: EmergencyDemand, b: EmergencyDemand): EmergencyDemand {
  return {
    approvals: Math.max(a.approvals, b.approvals),
    validFor: shorterOf(a.validFor, b.validFor),
    reviewWithin: shorterTerm(a.reviewWithin, b.reviewWithin),
    backMergeWithin: shorterTerm(a.backMergeWithin, b.backMergeWithin),
    criteria: [...new Set([...a.criteria, ...b.criteria])].sort(),
    rehearsalWithin:
      a.rehearsalWithin === null || b.rehearsalWithin === null
        ? (a.rehearsalWithin ?? b.rehearsalWithin)
        : shorterTerm(a.rehearsalWithin, b.rehearsalWithin),
    stopsAfter: shorter(a.stopsAfter, b.stopsAfter),
  };
}

/** Every clause of every policy holds on its own; the same one written twice is one. */
export function isSameClause(a: Clause, b: Clause): boolean {
  return (
    a.id === b.id &&
    a.expression === b.expression &&
    a.sentence === b.sentence &&
    a.who === b.who &&
    a.remedy === b.remedy
  );
}

function shorterOf(a: Temporal.Duration, b: Temporal.Duration): Temporal.Duration {
  return compareLengths(a, b) <= 0 ? a : b;
}

function union<T extends string | number>(a: readonly T[], b: readonly T[]): readonly T[] {
  return inOrder([...a, ...b]);
}

function intersection<T extends string | number>(a: readonly T[], b: readonly T[]): readonly T[] {
  return inOrder(a.filter((item) => b.includes(item)));
}

/** Each once, in an order that does not depend on who came first. */
export function inOrder<T extends string | number>(items: readonly T[]): readonly T[] {
  const sorted = [...new Set(items)];
  sorted.sort((a, b) => (a < b ? -1 : Number(a > b)));
  return sorted;
}

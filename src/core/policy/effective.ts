import { matchesScope, type ScopeSubject } from "#core/catalog/scope.ts";
import { movedBy, movesOf } from "#core/policy/bounds.ts";
import { momentsWithin } from "#core/policy/moments.ts";
import type {
  CapacityLimit,
  Clause,
  CoreUpgradeDemand,
  EmergencyDemand,
  ErrorBudgetDemand,
  EvidenceDemand,
  Policy,
  PolicySettings,
  PromotionDemand,
  RollbackDemand,
  RolloutDemand,
  SignalDemand,
  StabilisationDemand,
  TicketDemand,
  VerificationDemand,
} from "#core/policy/policy.ts";
import {
  type Appetite,
  isSameClause,
  joinAppetite,
  joinCapacity,
  joinCoreUpgrades,
  joinEmergency,
  joinErrorBudget,
  joinEvidence,
  joinPromotion,
  joinRollback,
  joinRollout,
  joinSignals,
  joinStabilisation,
  joinTicket,
  joinVerification,
} from "#core/policy/strictness.ts";
import { compareInstants } from "#core/span.ts";

/** Which policy demands something, as a verdict cites it. */
export interface PolicySource {
  readonly name: string;
  readonly version: string;
  readonly owner: string;
}

/** A demand with the policies it stems from: those without which it would be looser. Never without a source. */
export interface Demanded<T> {
  readonly demand: T;
  readonly sources: readonly PolicySource[];
}

/** What is demanded of one subject at one instant: the strictest of each setting (ADR 0015). null: nothing. */
export interface EffectiveSettings {
  /** One for each kind, in the order of the kinds. */
  readonly evidence: readonly Demanded<EvidenceDemand>[];
  readonly verification: Demanded<VerificationDemand> | null;
  readonly ticket: Demanded<TicketDemand> | null;
  /** Greatest score of the change itself. */
  readonly riskScore: Demanded<number> | null;
  /** One for each thing that risk is summed by. */
  readonly riskAppetites: readonly Demanded<Appetite>[];
  readonly errorBudget: Demanded<ErrorBudgetDemand> | null;
  /** One for each resource, in the order of their names. */
  readonly capacity: readonly Demanded<CapacityLimit>[];
  readonly signals: Demanded<SignalDemand> | null;
  readonly coreUpgrades: Demanded<CoreUpgradeDemand> | null;
  readonly stabilisation: Demanded<StabilisationDemand> | null;
  readonly promotion: Demanded<PromotionDemand> | null;
  readonly rollback: Demanded<RollbackDemand> | null;
  readonly rollout: Demanded<RolloutDemand> | null;
  readonly emergency: Demanded<EmergencyDemand> | null;
  /** In the order of their ids; the same id in two policies is two clauses, unless they are equal word by word. */
  readonly clauses: readonly Demanded<Clause>[];
}

/** A central policy matches by its scope; an overlay only services of its own team, whatever its scope says. */
export function matchesPolicy(policy: Policy, subject: ScopeSubject): boolean {
  return (policy.level === "central" || policy.owner === subject.team) && matchesScope(policy.scope, subject);
}

/** True in `[from, until)`. */
export function isInForce({ from, until }: Policy, at: Temporal.Instant): boolean {
  if (from !== null && compareInstants(at, from) < 0) return false;
  return until === null || compareInstants(at, until) < 0;
}

/**
 * The strictest of each setting over all policies that are in force and match, in whatever order they come. A number that
 * an overlay names counts in place of the centre's where the centre bounds it, and never looser than the bound.
 */
export function effectiveSettings(
  policies: readonly Policy[],
  subject: ScopeSubject,
  at: Temporal.Instant,
): EffectiveSettings {
  let kept = joined;
  const found: Policy[] = [];
  for (const policy of policies) {
    if (!isInForce(policy, at) || !matchesPolicy(policy, subject)) continue;
    found.push(policy);
    kept = after(kept, policy);
  }
  if (found.length === 0) return nothingInForce;
  return (kept.settings ??= join(found));
}

/**
 * Joins that were made, by the policies one after the other: a verdict asks for the same ones rule by rule and moment by
 * moment, and the next verdict most likely too. Kept as long as the policies are.
 */
interface Kept {
  settings?: EffectiveSettings;
  readonly next: WeakMap<Policy, Kept>;
}
const joined: Kept = { next: new WeakMap() };

function after({ next }: Kept, policy: Policy): Kept {
  const known = next.get(policy) ?? { next: new WeakMap() };
  next.set(policy, known);
  return known;
}

/** The instants inside `(from, to)` at which a policy that matches begins or ends, in order, each once. */
export function settingMoments(
  policies: readonly Policy[],
  subject: ScopeSubject,
  from: Temporal.Instant,
  to: Temporal.Instant,
): readonly Temporal.Instant[] {
  const moments: Temporal.Instant[] = [];
  for (const policy of policies) {
    if (!matchesPolicy(policy, subject)) continue;
    if (policy.from !== null) moments.push(policy.from);
    if (policy.until !== null) moments.push(policy.until);
  }
  return moments.length === 0 ? moments : momentsWithin(moments, from, to);
}

const nothingInForce: EffectiveSettings = {
  evidence: [],
  verification: null,
  ticket: null,
  riskScore: null,
  riskAppetites: [],
  errorBudget: null,
  capacity: [],
  signals: null,
  coreUpgrades: null,
  stabilisation: null,
  promotion: null,
  rollback: null,
  rollout: null,
  emergency: null,
  clauses: [],
};

/** Every demand with its setting, for those who count or list what policies do. */
export function demandsIn(
  settings: EffectiveSettings,
): readonly { readonly setting: keyof EffectiveSettings; readonly sources: readonly PolicySource[] }[] {
  return settingNames.flatMap((setting) => {
    const found = settings[setting];
    const demands: readonly Demanded<unknown>[] = found === null ? [] : "sources" in found ? [found] : found;
    return demands.map(({ sources }) => ({ setting, sources }));
  });
}

const settingNames = [
  "evidence",
  "verification",
  "ticket",
  "riskScore",
  "riskAppetites",
  "errorBudget",
  "capacity",
  "signals",
  "coreUpgrades",
  "stabilisation",
  "promotion",
  "rollback",
  "rollout",
  "emergency",
  "clauses",
] as const satisfies readonly (keyof EffectiveSettings)[];

interface Demanding {
  readonly policy: Policy;
  readonly settings: PolicySettings;
}

function join(policies: readonly Policy[]): EffectiveSettings {
  const all = demandingOf(policies);
  return {
    evidence: eachOf(
      all,
      ({ evidence }) => evidence,
      (demand) => demand.kind,
      joinEvidence,
    ),
    verification: oneOf(all, ({ verification }) => verification, joinVerification),
    ticket: oneOf(all, ({ ticket }) => ticket, joinTicket),
    riskScore: oneOf(all, ({ risk }) => risk?.maxScore ?? null, Math.min),
    riskAppetites: eachOf(all, appetitesOf, ({ per }) => per, joinAppetite),
    errorBudget: oneOf(all, ({ errorBudget }) => errorBudget, joinErrorBudget),
    capacity: eachOf(
      all,
      ({ capacity }) => capacity,
      ({ resource }) => resource,
      joinCapacity,
    ),
    signals: oneOf(all, ({ signals }) => signals, joinSignals),
    coreUpgrades: oneOf(all, ({ coreUpgrades }) => coreUpgrades, joinCoreUpgrades),
    stabilisation: oneOf(all, ({ stabilisation }) => stabilisation, joinStabilisation),
    promotion: oneOf(all, ({ promotion }) => promotion, joinPromotion),
    rollback: oneOf(all, ({ rollback }) => rollback, joinRollback),
    rollout: oneOf(all, ({ rollout }) => rollout, joinRollout),
    emergency: oneOf(all, ({ emergency }) => emergency, joinEmergency),
    clauses: clausesOf(all),
  };
}

/** In the order of names: what a verdict says must not depend on the order in which documents were read. */
function demandingOf(policies: readonly Policy[]): readonly Demanding[] {
  const named = movesOf(policies.filter(({ level }) => level === "overlay").map(({ settings }) => settings));
  const all = policies.map((policy) => ({
    policy,
    settings: policy.level === "central" ? movedBy(policy, named) : policy.settings,
  }));
  return all.sort(
    (a, b) => compareTexts(a.policy.name, b.policy.name) || compareTexts(a.policy.version, b.policy.version),
  );
}

function appetitesOf({ risk }: PolicySettings): readonly Appetite[] {
  return risk === null || risk.appetite === null ? [] : [{ per: risk.per, most: risk.appetite }];
}

interface Named<T> {
  readonly source: PolicySource;
  readonly demand: T;
}

function oneOf<T>(
  all: readonly Demanding[],
  pick: (settings: PolicySettings) => T | null,
  joinTwo: (a: T, b: T) => T,
): Demanded<T> | null {
  const named: Named<T>[] = [];
  for (const { policy, settings } of all) {
    const demand = pick(settings);
    if (demand !== null) named.push({ source: sourceOf(policy), demand });
  }
  return strictest(named, joinTwo);
}

function eachOf<T>(
  all: readonly Demanding[],
  pick: (settings: PolicySettings) => readonly T[],
  keyOf: (demand: T) => string,
  joinTwo: (a: T, b: T) => T,
): readonly Demanded<T>[] {
  const byKey = new Map<string, Named<T>[]>();
  for (const { policy, settings } of all) {
    for (const demand of pick(settings)) {
      const named = byKey.get(keyOf(demand)) ?? [];
      byKey.set(keyOf(demand), [...named, { source: sourceOf(policy), demand }]);
    }
  }
  const keys = [...byKey.keys()].sort(compareTexts);
  return keys.flatMap((key) => strictest(byKey.get(key) ?? [], joinTwo) ?? []);
}

/** The join, and those of whom it would be looser without; all of them where no few make the whole difference. */
function strictest<T>(named: readonly Named<T>[], joinTwo: (a: T, b: T) => T): Demanded<T> | null {
  const [first] = named;
  if (first === undefined) return null;
  // A list joined with itself is in its order, so that equal demands print alike.
  if (named.length === 1) return { demand: joinTwo(first.demand, first.demand), sources: [first.source] };
  const byText = Map.groupBy(named, ({ demand }) => JSON.stringify(joinTwo(demand, demand)));
  const distinct = [...byText].map(([text, same]) => ({ text, demand: (same[0] ?? first).demand }));
  const demand = joinAll(first.demand, distinct, joinTwo);
  const whole = JSON.stringify(demand);
  const textOf = (some: readonly { readonly demand: T }[]): string | null => {
    const [one] = some;
    return one === undefined ? null : JSON.stringify(joinAll(one.demand, some, joinTwo));
  };
  const own = distinct.filter((each) => textOf(distinct.filter((other) => other !== each)) !== whole);
  const deciding = new Set((textOf(own) === whole ? own : distinct).map(({ text }) => text));
  return { demand, sources: uniqueSources([...byText].flatMap(([text, same]) => (deciding.has(text) ? same : []))) };
}

function joinAll<T>(start: T, some: readonly { readonly demand: T }[], joinTwo: (a: T, b: T) => T): T {
  let strict = joinTwo(start, start);
  for (const { demand } of some) strict = joinTwo(strict, demand);
  return strict;
}

function clausesOf(all: readonly Demanding[]): readonly Demanded<Clause>[] {
  const clauses: Demanded<Clause>[] = [];
  for (const { policy, settings } of all) {
    for (const demand of settings.clauses) {
      const place = clauses.findIndex((known) => isSameClause(known.demand, demand));
      const known = clauses[place];
      if (known === undefined) clauses.push({ demand, sources: [sourceOf(policy)] });
      else clauses[place] = { demand, sources: [...known.sources, sourceOf(policy)] };
    }
  }
  return clauses.sort((a, b) => compareTexts(a.demand.id, b.demand.id));
}

function sourceOf({ name, version, owner }: Policy): PolicySource {
  return { name, version, owner };
}

function uniqueSources(named: readonly Named<unknown>[]): readonly PolicySource[] {
  const seen = new Map(named.map(({ source }) => [`${source.name}\n${source.version}`, source]));
  return [...seen.values()];
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

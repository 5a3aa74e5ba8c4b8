import { figuresOf, isLooser } from "#core/policy/bounds.ts";
import { planDemands, type PlanDemand, type Policy, type PolicySettings } from "#core/policy/policy.ts";
import { compareLengths, isSameClause, laterRuleSet } from "#core/policy/strictness.ts";

/** A setting of an overlay that would let through what a central policy does not. */
export interface Loosening {
  /** `evidence.coverage.min`, `ticket.states`. */
  readonly setting: string;
  readonly why: "looser" | "outside-bounds";
  /** What the overlay names and what the centre demands or allows, as people write it. */
  readonly named: string;
  readonly demanded: string;
}

/**
 * What an overlay names looser than a central policy that matches some of the same: guardrails are checked at writing,
 * so that nobody believes in a setting that has no effect. A number that the centre bounds may move inside the bound.
 */
export function looseningsOf(overlay: Policy, central: Policy): readonly Loosening[] {
  return [
    ...looserFigures(overlay, central),
    ...looserLengths(overlay.settings, central.settings),
    ...looserLists(overlay.settings, central.settings),
    ...replacedClauses(overlay.settings, central.settings),
  ];
}

/**
 * True when the policy lets through what an earlier version of it did not: a demand that is gone or smaller, a span, a scope
 * or a bound that is another one. A scope that merely grew is taken for another one too.
 */
export function isLooserThan(next: Policy, before: Policy): boolean {
  const isOther = (of: (policy: Policy) => unknown): boolean => JSON.stringify(of(next)) !== JSON.stringify(of(before));
  if (isOther(({ scope }) => scope) || isOther(({ bounds }) => bounds) || next.level !== before.level) return true;
  if (isOther(({ from }) => from) || isOther(({ until }) => until)) return true;
  const kept = new Set(demandsIn(next.settings));
  if (demandsIn(before.settings).some((demand) => !kept.has(demand))) return true;
  return looseningsOf(next, { ...before, bounds: [] }).length > 0;
}

/** What is demanded at all, by the paths of settings. */
function demandsIn(settings: PolicySettings): readonly string[] {
  const { evidence, verification, ticket, rollback, coreUpgrades, risk, rollout, clauses } = settings;
  return [
    ...evidence.map(({ kind, ruleSet }) => `evidence.${kind}${ruleSet === null ? "" : ".ruleSet"}`),
    ...evidence.map(({ kind }) => `evidence.${kind}`),
    ...figuresOf(settings).map(({ path }) => path),
    ...lengthsOf(settings).flatMap(([setting, length]) => (length === null ? [] : [setting])),
    ...(verification === null ? [] : ["verification"]),
    ...(ticket === null ? [] : ["ticket"]),
    ...(rollback === null ? [] : [`rollback.plan ${rollback.plan}`]),
    ...(risk === null || risk.appetite === null ? [] : [`risk.appetite per ${risk.per}`]),
    ...(coreUpgrades?.services ?? []).map((service) => `coreUpgrades.services ${service}`),
    ...(rollout?.canaryFor ?? []).map((impact) => `rollout.canaryFor ${impact}`),
    ...clauses.map(({ id }) => `clauses.${id}`),
  ];
}

function looserFigures(overlay: Policy, central: Policy): readonly Loosening[] {
  const demanded = new Map(figuresOf(central.settings).map((figure) => [figure.path, figure.value]));
  const bounds = new Map(central.bounds.map((bound) => [bound.setting, bound]));
  return figuresOf(overlay.settings).flatMap(({ path, value, looser }): Loosening[] => {
    const most = demanded.get(path);
    // Sums of risk by different things are two demands, and both hold.
    if (most === undefined || (path === "risk.appetite" && isSummedOtherwise(overlay, central))) return [];
    const bound = bounds.get(path);
    if (bound !== undefined) {
      if (value >= bound.least && value <= bound.most) return [];
      const allowed = `${bound.least} to ${bound.most}`;
      return [{ setting: path, why: "outside-bounds", named: String(value), demanded: allowed }];
    }
    if (!isLooser(value, most, looser)) return [];
    return [{ setting: path, why: "looser", named: String(value), demanded: String(most) }];
  });
}

function isSummedOtherwise(overlay: Policy, central: Policy): boolean {
  return overlay.settings.risk?.per !== central.settings.risk?.per;
}

type Length = readonly [setting: string, length: Temporal.Duration | null, stricter: "shorter" | "longer"];

function looserLengths(overlay: PolicySettings, central: PolicySettings): readonly Loosening[] {
  const demanded = new Map(lengthsOf(central).map(([setting, length]) => [setting, length]));
  return lengthsOf(overlay).flatMap(([setting, named, stricter]): Loosening[] => {
    const length = demanded.get(setting) ?? null;
    if (length === null || named === null) return [];
    const order = compareLengths(named, length);
    if (order === 0 || order < 0 === (stricter === "shorter")) return [];
    return [{ setting, why: "looser", named: named.toString(), demanded: length.toString() }];
  });
}

function lengthsOf(settings: PolicySettings): readonly Length[] {
  const { evidence, verification, signals, coreUpgrades, stabilisation, promotion, rollback, emergency } = settings;
  return [
    ...evidence.map(({ kind, maxAge }): Length => [`evidence.${kind}.maxAge`, maxAge, "shorter"]),
    ["verification.maxAge", verification?.maxAge ?? null, "shorter"],
    ["signals.okFor", signals?.okFor ?? null, "longer"],
    ["coreUpgrades.soak", coreUpgrades?.soak ?? null, "longer"],
    ["stabilisation.lasts", stabilisation?.lasts ?? null, "longer"],
    ["promotion.soak", promotion?.soak ?? null, "longer"],
    ["rollback.rehearsedWithin", rollback?.rehearsedWithin ?? null, "shorter"],
    ["emergency.validFor", emergency?.validFor ?? null, "shorter"],
    ["emergency.reviewWithin", emergency?.reviewWithin ?? null, "shorter"],
    ["emergency.backMergeWithin", emergency?.backMergeWithin ?? null, "shorter"],
    ["emergency.rehearsalWithin", emergency?.rehearsalWithin ?? null, "shorter"],
    ["emergency.stopsAfter", emergency?.stopsAfter ?? null, "shorter"],
  ];
}

function looserLists(overlay: PolicySettings, central: PolicySettings): readonly Loosening[] {
  const loosenings: Loosening[] = [];
  const compare = <T extends string | number>(setting: string, named?: readonly T[], demanded?: readonly T[]): void => {
    const more = demanded === undefined ? [] : (named ?? []).filter((item) => !demanded.includes(item));
    if (more.length === 0) return;
    loosenings.push({ setting, why: "looser", named: more.join(", "), demanded: demanded?.join(", ") ?? "" });
  };
  compare("ticket.states", overlay.ticket?.states, central.ticket?.states);
  compare("coreUpgrades.criticalTiers", overlay.coreUpgrades?.criticalTiers, central.coreUpgrades?.criticalTiers);
  const plan = { named: overlay.rollback?.plan, demanded: central.rollback?.plan };
  if (plan.named !== undefined && plan.demanded !== undefined && isLooserPlan(plan.named, plan.demanded)) {
    loosenings.push({ setting: "rollback.plan", why: "looser", named: plan.named, demanded: plan.demanded });
  }
  for (const { kind, ruleSet } of overlay.evidence) {
    const demanded = central.evidence.find((demand) => demand.kind === kind)?.ruleSet ?? null;
    if (ruleSet === null || demanded === null || laterRuleSet(ruleSet, demanded) === ruleSet) continue;
    loosenings.push({ setting: `evidence.${kind}.ruleSet`, why: "looser", named: ruleSet, demanded });
  }
  return loosenings;
}

function isLooserPlan(named: PlanDemand, demanded: PlanDemand): boolean {
  return planDemands.indexOf(named) < planDemands.indexOf(demanded);
}

/** Both would hold; whoever writes the id again believes to replace it. */
function replacedClauses(overlay: PolicySettings, central: PolicySettings): readonly Loosening[] {
  return overlay.clauses.flatMap((clause): Loosening[] => {
    const own = central.clauses.find(({ id }) => id === clause.id);
    if (own === undefined || isSameClause(own, clause)) return [];
    return [{ setting: `clauses.${clause.id}`, why: "looser", named: clause.expression, demanded: own.expression }];
  });
}

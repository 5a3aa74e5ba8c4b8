import type { Demanded, EffectiveSettings, PolicySource } from "#core/policy/effective.ts";
import type { CoreUpgradeDemand, EmergencyDemand, EvidenceDemand, RollbackDemand } from "#core/policy/policy.ts";
import { sayDuration, sayList } from "#core/policy/say.ts";

/** A demand in words, without its sources and without judging anything. */
export interface SaidDemand {
  /** Name of the setting as policies write it. */
  readonly setting: string;
  /** One sentence without its full stop: `coverage, at least 80, no older than 30 d`. */
  readonly said: string;
  readonly sources: readonly PolicySource[];
}

/** What is demanded, in the order of the settings: for those who want to know before they ask. */
export function sayDemands(settings: EffectiveSettings): readonly SaidDemand[] {
  const {
    verification,
    ticket,
    riskScore,
    errorBudget,
    signals,
    coreUpgrades,
    stabilisation,
    promotion,
    rollback,
    emergency,
  } = settings;
  return [
    ...each("evidence", settings.evidence, sayEvidence),
    ...one("verification", verification, ({ maxAge }) => `The digest is verified${olderThan(maxAge)}`),
    ...one("ticket", ticket, ({ states }) =>
      states.length === 0 ? "No ticket will do" : `A ticket that is ${sayList(states, "or")}`,
    ),
    ...one("risk", riskScore, (most) => `A risk score of at most ${most}`),
    ...each("risk", settings.riskAppetites, ({ per, most }) => `At most ${most} of booked risk on one day, per ${per}`),
    ...one("errorBudget", errorBudget, ({ minLeft }) => `At least ${percent(minLeft)} of the error budget is left`),
    ...each(
      "capacity",
      settings.capacity,
      ({ resource, max }) => `At most ${max} ${max === 1 ? "change" : "changes"} at the same time on ${resource}`,
    ),
    ...one("signals", signals, ({ okFor }) => `Whatever it needs has been ok for ${sayDuration(okFor)}`),
    ...one("coreUpgrades", coreUpgrades, sayCoreUpgrades),
    ...one(
      "stabilisation",
      stabilisation,
      ({ lasts, own }) =>
        `${own === true ? "Neither it nor a" : "No"} neighbour has changed within ${sayDuration(lasts)}`,
    ),
    ...one(
      "promotion",
      promotion,
      ({ soak }) => `Live for at least ${sayDuration(soak)} in every environment that comes before`,
    ),
    ...one("rollback", rollback, sayRollback),
    ...one("emergency", emergency, sayEmergency),
    ...one(
      "rollout",
      settings.rollout,
      ({ canaryFor }) => `A canary where the impact of a defect is ${sayList(canaryFor, "or")}, or not known`,
    ),
    ...each("clauses", settings.clauses, ({ sentence }) => sentence.replace(/\.$/, "")),
  ];
}

function one<T>(setting: string, found: Demanded<T> | null, say: (demand: T) => string): readonly SaidDemand[] {
  return found === null ? [] : [{ setting, said: say(found.demand), sources: found.sources }];
}

function each<T>(setting: string, found: readonly Demanded<T>[], say: (demand: T) => string): readonly SaidDemand[] {
  return found.flatMap((demanded) => one(setting, demanded, say));
}

function sayEvidence({ kind, min, max, maxAge, ruleSet }: EvidenceDemand): string {
  const figures = [min === null ? "" : `, at least ${min}`, max === null ? "" : `, at most ${max}`].join("");
  return `Evidence of ${kind}${figures}${olderThan(maxAge)}${ruleSet === null ? "" : `, by rule set ${ruleSet} or later`}`;
}

function olderThan(age: Temporal.Duration | null): string {
  return age === null ? "" : `, no longer ago than ${sayDuration(age)}`;
}

function sayCoreUpgrades({ services, soak, criticalTiers }: CoreUpgradeDemand): string {
  const passing =
    criticalTiers.length === 0 ? "" : `; tier ${sayList(criticalTiers.map(String), "and")} passes with a notice`;
  return `A new major version of ${sayList(services, "or")} comes first, and ${sayDuration(soak)} after it${passing}`;
}

function sayRollback({ plan, rehearsedWithin }: RollbackDemand): string {
  const changes = plan === "every-change" ? "Every change" : "Every change of high risk";
  const planned = plan === "none" ? [] : [`${changes} has a whole plan for its way back`];
  const rehearsed =
    rehearsedWithin === null
      ? []
      : [`The way back was rehearsed for the same versions, no longer ago than ${sayDuration(rehearsedWithin)}`];
  return [...planned, ...rehearsed].join(". ") || "Nothing is demanded of the way back";
}

function sayEmergency(demand: EmergencyDemand): string {
  const { approvals, validFor, reviewWithin, backMergeWithin, rehearsalWithin, stopsAfter } = demand;
  const approvers = `${approvals} ${approvals === 1 ? "approval" : "approvals"} of people on duty`;
  const owed = [
    `a review within ${sayDuration(reviewWithin)}`,
    `a back-merge within ${sayDuration(backMergeWithin)}`,
    ...(rehearsalWithin === null ? [] : [`a rehearsal within ${sayDuration(rehearsalWithin)}`]),
  ];
  const stops =
    stopsAfter === null ? "" : `; what is overdue for ${sayDuration(stopsAfter)} stops the team's other changes`;
  return `An emergency needs ${approvers}, is permitted for ${sayDuration(validFor)} and owes ${sayList(owed, "and")}${stops}`;
}

function percent(part: number): string {
  return `${Math.round(part * 1000) / 10} %`;
}

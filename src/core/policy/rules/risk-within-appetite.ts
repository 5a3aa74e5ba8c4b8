import { instantOf, msOf } from "#core/calendar/span-set.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import {
  demandsOver,
  demandsUnknown,
  policyEvidence,
  policyOwners,
  sayPolicies,
  type Demands,
} from "#core/policy/demands.ts";
import type { Demanded, EffectiveSettings } from "#core/policy/effective.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Evidence, Judgement, Remedy, StoppingPart } from "#core/policy/finding.ts";
import { isAfter } from "#core/policy/moments.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { capitalised, sayInstant, sayList } from "#core/policy/say.ts";
import { stanceOfItsOwn } from "#core/policy/stances.ts";
import type { Appetite } from "#core/policy/strictness.ts";
import { always, passes } from "#core/policy/timeline.ts";
import type { BookedRisk, RiskScore } from "#core/release/reports.ts";
import { compareInstants } from "#core/span.ts";

/**
 * The score of the change itself, and the sum of what is booked on the same day of the environment, its own included.
 * Days are local days: they begin at the first instant of the date in its zone.
 */
export const riskWithinAppetite = defineRule({
  id: "risk-within-appetite",
  version: "2",
  title: "The risk of the change, and of all that is booked that day, is within appetite",
  reason: "Changes that are harmless one by one are not harmless together, and nobody repairs five things at once.",
  remedy: "Make the change smaller, take another day, or have the risk accepted by whoever owns the policy.",
  codes: [
    "no-risk-demand",
    "risk-assumed",
    "risk-within",
    "risk-unscored",
    "risk-too-high",
    "appetite-spent",
    "over-appetite",
    "scope-unknown",
  ],
  overridable: ["risk-unscored", "risk-too-high", "appetite-spent", "over-appetite"],
  needs: ["service", "environment", "riskScore", "exposure", "policies"],
  judge(facts) {
    const { at, horizon, riskScore, environment } = facts;
    const demands = demandsOver(facts);
    if (demands === null || environment === null) return demandsUnknown(at);
    if (demands.all.every((settings) => !asksFor(settings))) return always(at, notDemanded);
    if (riskScore === "assumed") return always(at, assumed);
    if (riskScore === null) return always(at, unscored(facts, demands));
    const days = demands.all.some(({ riskAppetites }) => riskAppetites.length > 0)
      ? daysFrom(at, horizon, environment.zone)
      : [];
    const others = facts.exposure.filter(({ booking }) => booking !== facts.subject.onBehalfOf);
    const byDate = byDateOf(others, environment.zone);
    const judged: Judged = { facts, score: riskScore, zone: environment.zone, days, byDate, demands };
    const judgeAt = (moment: Temporal.Instant): Judgement => toJudgement(judged, instantOf(msOf(moment)));
    // What would have to be accepted differs from day to day, so no two that stop stand for each other.
    const stopsAt = stanceOfItsOwn();
    const stanceAt = (ms: number): number => (hasRoom(judged, instantOf(ms)) ? passes : stopsAt(ms));
    return timelineOfMoments([...demands.moments, ...days], { from: at, to: horizon }, judgeAt, stanceAt);
  },
});

const notDemanded = notApplicable("no-risk-demand", "No policy bounds the risk of a change.");
const assumed = notApplicable("risk-assumed", "Risk scores are not kept here, so they are not judged.");

type RiskFacts = Pick<Facts, "at" | "horizon" | "subject" | "service" | "environment" | "exposure">;

function asksFor({ riskScore, riskAppetites }: EffectiveSettings): boolean {
  return riskScore !== null || riskAppetites.length > 0;
}

function unscored({ subject }: RiskFacts, { all }: Demands): Judgement {
  const { service, version, environment } = subject;
  const sources = all.flatMap(({ riskScore, riskAppetites }) => [
    ...(riskScore?.sources ?? []),
    ...riskAppetites.flatMap((appetite) => appetite.sources),
  ]);
  const remedy: Remedy = {
    kind: "supply-evidence",
    who: "requester",
    what: `Have the risk of ${service}@${version} scored for ${environment}.`,
  };
  const sentence = `Nobody has scored the risk of ${service}@${version} in ${environment}.`;
  return refuse("deny", "risk-unscored", sentence, [remedy], policyEvidence(sources.slice(0, 1)));
}

interface Judged {
  readonly facts: RiskFacts;
  readonly score: RiskScore;
  readonly zone: string;
  /** The later local midnights of the horizon. */
  readonly days: readonly Temporal.Instant[];
  /** What is booked, by local date: looked up for every day of the horizon. */
  readonly byDate: ReadonlyMap<string, readonly BookedRisk[]>;
  readonly demands: Demands;
}

function toJudgement(judged: Judged, moment: Temporal.Instant): Judgement {
  const { score, zone, demands } = judged;
  const settings = demands.settingsAt(moment);
  if (!asksFor(settings)) return notDemanded;
  const spent = settings.riskAppetites.flatMap((appetite) => spentAt(judged, appetite, moment) ?? []);
  const max = settings.riskScore;
  const scored = {
    kind: "risk",
    ref: score.source,
    text: `score ${score.score}${saidBy(score)}, ${sayInstant(score.at, zone)}`,
  };
  const sources = [...(max?.sources ?? []), ...settings.riskAppetites.flatMap((appetite) => appetite.sources)];
  const evidence = [scored, ...spent.flatMap((sum) => sum.evidence), ...policyEvidence(sources)];
  const accepted = spent.map((sum) => sum.accept);
  if (max !== null && score.score > max.demand) {
    const lower: Remedy = {
      kind: "change",
      who: "requester",
      what: `Bring the risk down to ${max.demand}, or split the change.`,
    };
    const sentence = `The risk is ${score.score}, above ${max.demand} of ${sayPolicies(max.sources)}.`;
    const said = `the risk is ${score.score}, above ${max.demand}`;
    const own = { subject: `score ${score.score}`, code: "risk-too-high", said, remedies: [lower] };
    const parts = [own, ...partsOf(spent, "over-appetite")];
    return { outcome: "deny", code: "risk-too-high", sentence, remedies: [lower, ...accepted], evidence, parts };
  }
  if (spent.length === 0) return pass("risk-within", `The risk is ${score.score}, within appetite.`, evidence);
  const said = capitalised(
    sayList(
      spent.map((sum) => sum.said),
      "and",
    ),
  );
  const next = nextRoom(judged, moment);
  if (next === null) {
    const parts = partsOf(spent, "over-appetite");
    const sentence = `${said}; no day in sight has room.`;
    return { outcome: "deny", code: "over-appetite", sentence, remedies: accepted, evidence, parts };
  }
  const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(next, zone)}.` };
  const sentence = `${said}; the next day with room begins on ${sayInstant(next, zone)}.`;
  const parts = partsOf(spent, "appetite-spent");
  return { outcome: "wait", code: "appetite-spent", sentence, remedies: [wait, ...accepted], evidence, parts };
}

function saidBy({ by }: RiskScore): string {
  return by === undefined ? "" : ` by ${by}`;
}

/** Whoever passes a sum has seen its figure: a greater one is another matter. */
function partsOf(spent: readonly Spent[], code: "over-appetite" | "appetite-spent"): readonly StoppingPart[] {
  return spent.map(({ subject, said, accept }) => ({ subject, code, said, remedies: [accept] }));
}

/** An appetite that the day has no room in for the change. */
interface Spent {
  readonly subject: string;
  readonly said: string;
  readonly accept: Remedy;
  readonly evidence: readonly Evidence[];
}

/** The change with all that is booked on the same day. */
interface Sum {
  readonly date: string;
  readonly booked: readonly BookedRisk[];
  readonly total: number;
}

function sumAt({ facts, score, zone, byDate }: Judged, appetite: Appetite, moment: Temporal.Instant): Sum {
  const date = dateOf(moment, zone);
  const booked = (byDate.get(date) ?? []).filter((other) => isOfSum(other, appetite, facts));
  return { date, booked, total: booked.reduce((total, other) => total + other.score, score.score) };
}

function spentAt(judged: Judged, { demand, sources }: Demanded<Appetite>, moment: Temporal.Instant): Spent | null {
  const { facts } = judged;
  const { date, booked, total } = sumAt(judged, demand, moment);
  if (total <= demand.most) return null;
  const names = {
    environment: facts.subject.environment,
    unit: facts.service?.unit ?? "",
    region: facts.environment?.region ?? "",
  };
  const where = `${demand.per} ${names[demand.per]}`;
  return {
    subject: `${where} ${date} ${total}`,
    said: `the risk of ${date} in the ${where} would be ${total}, above the appetite of ${demand.most}`,
    accept: {
      kind: "approve",
      who: policyOwners(sources),
      what: `Accept a risk of ${total} on ${date} in the ${where}.`,
    },
    evidence: booked.map(({ booking, score }) => ({
      kind: "booking",
      ref: booking,
      text: `risk ${score} on ${date}`,
    })),
  };
}

function isOfSum(other: BookedRisk, { per }: Appetite, { subject, service, environment }: RiskFacts): boolean {
  switch (per) {
    case "environment":
      return other.environment === subject.environment;
    case "unit":
      return other.unit === service?.unit;
    case "region":
      return environment !== null && environment.region !== null && other.region === environment.region;
  }
}

/** True when the change is within every appetite and not above the greatest score. */
function hasRoom(judged: Judged, moment: Temporal.Instant): boolean {
  const { riskScore, riskAppetites } = judged.demands.settingsAt(moment);
  if (riskScore !== null && judged.score.score > riskScore.demand) return false;
  return riskAppetites.every(({ demand }) => sumAt(judged, demand, moment).total <= demand.most);
}

function nextRoom(judged: Judged, moment: Temporal.Instant): Temporal.Instant | null {
  const borders = [...judged.days, ...judged.demands.moments].filter((border) => isAfter(border, moment));
  borders.sort((a, b) => compareInstants(a, b));
  return borders.find((border) => hasRoom(judged, border)) ?? null;
}

function byDateOf(exposure: readonly BookedRisk[], zone: string): ReadonlyMap<string, readonly BookedRisk[]> {
  return Map.groupBy(exposure, ({ from }) => dateOf(from, zone));
}

function dateOf(moment: Temporal.Instant, zone: string): string {
  return moment.toZonedDateTimeISO(zone).toPlainDate().toString();
}

function daysFrom(at: Temporal.Instant, horizon: Temporal.Instant, zone: string): readonly Temporal.Instant[] {
  const days: Temporal.Instant[] = [];
  const first = at.toZonedDateTimeISO(zone).toPlainDate();
  for (let count = 1; ; count++) {
    const begins = first.add({ days: count }).toZonedDateTime(zone).toInstant();
    if (!isAfter(horizon, begins)) return days;
    days.push(begins);
  }
}

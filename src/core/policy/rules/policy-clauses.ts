import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import { factVariables, readClause, timeFields, timeVariables, type LocalTime } from "#core/policy/clause-variables.ts";
import { demandsOver, demandsUnknown, policyEvidence, sayPolicies, type Demands } from "#core/policy/demands.ts";
import type { Demanded } from "#core/policy/effective.ts";
import type { ExpressionPart, Variables } from "#core/policy/expression.ts";
import type { Evidence, Judgement, Remedy } from "#core/policy/finding.ts";
import { isAfter } from "#core/policy/moments.ts";
import { unreadable, type Clause } from "#core/policy/policy.ts";
import { defineRule, notApplicable, pass } from "#core/policy/rule.ts";
import { sayInstant } from "#core/policy/say.ts";
import { always, passes, stops } from "#core/policy/timeline.ts";
import { compareInstants, type Span } from "#core/span.ts";

/**
 * What no rule foresees, as expressions over a closed set of variables. All clauses of all policies hold. A clause that
 * cannot be read, asks for what is not there, or would take too many steps is unknown and never a pass. Only clauses that
 * mention `time` are judged hour by hour of the environment's day; all else they know is as of the instant of the facts.
 */
export const policyClauses = defineRule({
  id: "policy-clauses",
  version: "1",
  title: "Every clause of the policies holds",
  reason: "Some demands belong to one organisation only, and still have to be judged and explained like every other.",
  remedy: "Do what the clause asks for, wait until its hours, or have its owner correct it.",
  codes: ["no-clauses", "clauses-hold", "clause-false", "clause-later", "clause-unknown", "scope-unknown"],
  exemptible: ["clause-false", "clause-later"],
  overridable: ["clause-false", "clause-later"],
  needs: [
    "service",
    "environment",
    "artifact",
    "evidence",
    "riskScore",
    "errorBudget",
    "approvals",
    "people",
    "deployed",
    "stagesBefore",
    "policies",
  ],
  judge(facts) {
    const { at, horizon, environment } = facts;
    const demands = demandsOver(facts);
    if (demands === null || environment === null) return demandsUnknown(at);
    if (demands.all.every(({ clauses }) => clauses.length === 0)) return always(at, notDemanded);
    const variables = factVariables(facts);
    if (variables === null) return demandsUnknown(at);
    const world: World = {
      demands,
      variables,
      zone: environment.zone,
      memo: new Map(),
      hours: new Map(),
      standings: new Map(),
    };
    const changes = changesOf(world, { from: at, to: horizon });
    const borders = [...demands.moments, ...changes].toSorted((a, b) => compareInstants(a, b));
    const isOpen = (moment: Temporal.Instant): boolean =>
      standingAt(world, moment).every(({ holds }) => holds === true);
    const open = borders.filter(isOpen);
    const judgeAt = (moment: Temporal.Instant): Judgement => toJudgement(world, open, moment);
    return timelineOfMoments(borders, { from: at, to: horizon }, judgeAt, stancesOf(world));
  },
});

const notDemanded = notApplicable("no-clauses", "No policy has a clause about this change.");

/** `time` is there at moments, and missing from what holds at all of them. */
interface Timed {
  readonly time?: LocalTime;
}

interface World {
  readonly demands: Demands;
  readonly variables: Variables;
  readonly zone: string;
  /** What was evaluated already: by expression, then by the values of those fields of `time` that it mentions. */
  readonly memo: Map<string, Map<string, Outcome>>;
  /** By epoch ms. */
  readonly hours: Map<number, Timed>;
  readonly standings: Map<number, readonly Standing[]>;
}

interface Outcome {
  /** null: unknown. */
  readonly holds: boolean | null;
  readonly why: string;
}

interface Standing extends Outcome {
  readonly clause: Demanded<Clause>;
}

function mentioned(clauses: readonly Demanded<Clause>[], name: string): boolean {
  return clauses.some(({ demand }) => {
    const read = readClause(demand.expression);
    return read.ok && read.value.mentions.has(name);
  });
}

function standingAt(world: World, moment: Temporal.Instant): readonly Standing[] {
  const known = world.standings.get(moment.epochMilliseconds);
  if (known !== undefined) return known;
  const { clauses } = world.demands.settingsAt(moment);
  const standings = clauses.map((clause) => ({ clause, ...outcomeOf(world, clause, moment) }));
  world.standings.set(moment.epochMilliseconds, standings);
  return standings;
}

function outcomeOf(world: World, { demand }: Demanded<Clause>, moment: Temporal.Instant): Outcome {
  if (demand.expression === unreadable) return { holds: null, why: demand.sentence };
  const read = readClause(demand.expression);
  if (!read.ok) {
    const { message, line, column } = read.error;
    return { holds: null, why: `line ${line}, column ${column}: ${message.replace(/\.$/, "")}` };
  }
  const { mentions, evaluate } = read.value;
  const time = mentions.has("time") ? timeAt(world, moment) : {};
  const when = time.time === undefined ? "" : keyOfTime(time.time, mentions);
  const outcomes = world.memo.get(demand.expression) ?? new Map<string, Outcome>();
  const known = outcomes.get(when);
  if (known !== undefined) return known;
  const result = evaluate({ ...world.variables, ...time });
  const outcome = result.ok ? { holds: result.value, why: "" } : { holds: null, why: result.error.message };
  world.memo.set(demand.expression, outcomes.set(when, outcome));
  return outcome;
}

/** The values of those fields that are mentioned. */
function keyOfTime(time: LocalTime, mentions: ReadonlySet<string>): string {
  let key = "";
  for (const field of timeFields) if (mentions.has(`time.${field}`)) key += `${time[field]} `;
  return key;
}

function timeAt({ zone, hours }: World, moment: Temporal.Instant): Timed {
  return hours.get(moment.epochMilliseconds) ?? timeVariables(moment.toZonedDateTimeISO(zone));
}

function variablesAt(world: World, moment: Temporal.Instant): Variables {
  return { ...world.variables, ...timeAt(world, moment) };
}

/** Moments at which the same clauses stand in the way ask for the same deeds. */
function stancesOf(world: World): (ms: number) => number {
  const kinds = new Map<string, number>();
  const numbers = new Map<Demanded<Clause>, number>();
  return (ms) => {
    let key = "";
    for (const { clause, holds } of standingAt(world, Temporal.Instant.fromEpochMilliseconds(ms))) {
      if (holds === true) continue;
      const number = numbers.get(clause) ?? numbers.size;
      numbers.set(clause, number);
      key += holds === null ? `${number}? ` : `${number} `;
    }
    if (key === "") return passes;
    const stance = kinds.get(key) ?? stops + kinds.size;
    kinds.set(key, stance);
    return stance;
  };
}

function toJudgement(world: World, open: readonly Temporal.Instant[], moment: Temporal.Instant): Judgement {
  const standings = standingAt(world, moment);
  if (standings.length === 0) return notDemanded;
  const failing = standings.filter(({ holds }) => holds !== true);
  const evidence = standings.flatMap((standing) => evidenceOf(world, standing, moment));
  if (failing.length === 0) {
    const count = standings.length === 1 ? "The clause holds" : `All ${standings.length} clauses hold`;
    return pass("clauses-hold", `${count}.`, evidence);
  }
  const next = open.find((border) => isAfter(border, moment)) ?? null;
  const isUnknown = failing.some(({ holds }) => holds === null);
  if (failing.every(({ holds }) => holds === null)) return stopped(world, failing, "clause-unknown", moment, evidence);
  if (next === null || isUnknown) return stopped(world, failing, "clause-false", moment, evidence);
  const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(next, world.zone)}.` };
  const waiting = stopped(world, failing, "clause-later", moment, evidence);
  return { ...waiting, remedies: [wait, ...waiting.remedies] };
}

const outcomes = { "clause-unknown": "unknown", "clause-false": "deny", "clause-later": "wait" } as const;

/** Each clause stops by itself, so that one may be exempted without the others. */
function stopped(
  world: World,
  failing: readonly Standing[],
  code: keyof typeof outcomes,
  moment: Temporal.Instant,
  evidence: readonly Evidence[],
): Extract<Judgement, { readonly remedies: readonly Remedy[] }> {
  const parts = failing.map((standing) => ({
    subject: standing.clause.demand.id,
    code: standing.holds === null ? "clause-unknown" : code,
    said: sayFailing(world, standing, moment),
    remedies: [remedyOf(standing)],
  }));
  const sentence = `${parts.map(({ said }) => said).join("; ")}.`;
  const remedies = parts.flatMap((part) => part.remedies);
  return { outcome: outcomes[code], code, sentence, remedies, evidence, parts };
}

function sayFailing(world: World, { clause, holds, why }: Standing, moment: Temporal.Instant): string {
  const { id, sentence } = clause.demand;
  const where = `clause ${id} of ${sayPolicies(clause.sources)}`;
  if (holds === null) {
    const owners = clause.sources.map(({ owner }) => owner);
    if (clause.demand.expression === unreadable) {
      return `${sentence.replace(/\.$/, "")}; ${owners.join(", ")} answers for it`;
    }
    return `Whether ${where} holds is not known: ${why}; ${owners.join(", ")} answers for it`;
  }
  const parts = partsOf(world, clause, moment).filter((part) => part.holds !== true);
  return `${sentence.replace(/\.$/, "")} (${where}: ${parts.map(({ said }) => said).join("; ")})`;
}

function partsOf(world: World, { demand }: Demanded<Clause>, moment: Temporal.Instant): readonly ExpressionPart[] {
  const read = readClause(demand.expression);
  return read.ok ? read.value.explain(variablesAt(world, moment)) : [];
}

function evidenceOf(world: World, { clause, why, holds }: Standing, moment: Temporal.Instant): readonly Evidence[] {
  const parts = partsOf(world, clause, moment).map(({ said }) => said);
  const text = holds === null ? why : parts.join("; ");
  return [{ kind: "clause", ref: clause.demand.id, text }, ...policyEvidence(clause.sources)];
}

function remedyOf({ clause, holds }: Standing): Remedy {
  const { id, expression, who, remedy } = clause.demand;
  if (holds !== null || expression === unreadable) return { kind: "change", who, what: remedy };
  const owners = [...new Set(clause.sources.map(({ owner }) => `team ${owner}`))].join(" or ");
  return { kind: "change", who: owners, what: `Correct the clause ${id}, or supply what it asks for.` };
}

/**
 * The instants at which what the clauses know of the time changes: every hour of the local day where one asks for it, every
 * midnight where they ask for the day only. A clause says what it looked at, so each has a sentence of its own.
 */
function changesOf({ demands, zone, hours }: World, { from, to }: Span): readonly Temporal.Instant[] {
  const clauses = demands.all.flatMap((settings) => settings.clauses);
  if (!mentioned(clauses, "time")) return [];
  const next = mentioned(clauses, "time.hour") ? nextHour : nextDay;
  const changes: Temporal.Instant[] = [];
  let local = next(from.toZonedDateTimeISO(zone));
  for (let moment = local.toInstant(); isAfter(to, moment); moment = local.toInstant()) {
    changes.push(moment);
    hours.set(moment.epochMilliseconds, timeVariables(local));
    local = next(local);
  }
  return changes;
}

/** A clock change within the hour is the beginning of one as well: it is reached after the rest of the hour before it. */
function nextHour(local: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  const { minute, second, millisecond, epochMilliseconds } = local;
  const begun = minute * 60_000 + second * 1_000 + millisecond;
  const next = Temporal.Instant.fromEpochMilliseconds(epochMilliseconds - begun + 3_600_000);
  return next.toZonedDateTimeISO(local.timeZoneId);
}

function nextDay(local: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  return local.add({ days: 1 }).startOfDay();
}

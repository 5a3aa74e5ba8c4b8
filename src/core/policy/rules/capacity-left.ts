import { emptySet, instantOf, isIn, msOf, msOfEnd, type SpanSet } from "#core/calendar/span-set.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import { demandsOver, demandsUnknown, policyEvidence, policyOwners, type Demands } from "#core/policy/demands.ts";
import type { Demanded, PolicySource } from "#core/policy/effective.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Evidence, Judgement, Remedy } from "#core/policy/finding.ts";
import { isAfter, momentsWithin } from "#core/policy/moments.ts";
import type { CapacityLimit } from "#core/policy/policy.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { reservedResource } from "#core/plan/reservation.ts";
import { elapsedMs, sayInstant, sayList } from "#core/policy/say.ts";
import { stanceOfItsOwn } from "#core/policy/stances.ts";
import { startsWithoutPlace } from "#core/policy/taken-time.ts";
import { always, passes } from "#core/policy/timeline.ts";
import type { ResourceUse } from "#core/release/reports.ts";
import { compareInstants } from "#core/span.ts";

/**
 * A place must be free for as long as the run takes (P95; an instant where nobody knows how long it takes). Uses that
 * follow each other take one place and not two, and one that ends at the start does not count.
 */
export const capacityLeft = defineRule({
  id: "capacity-left",
  version: "2",
  title: "What the change shares with other work has a place left for it",
  reason: "Two changes on one cluster, one network or one team are in each other's way.",
  remedy: "Wait until a place is free, or have one of the others moved.",
  codes: ["no-capacity-bound", "place-free", "no-place-free", "scope-unknown"],
  needs: ["service", "environment", "usage", "reservations", "durations", "policies"],
  judge(facts) {
    const { at, horizon, environment } = facts;
    const demands = demandsOver(facts);
    if (demands === null) return demandsUnknown(at);
    if (demands.all.every(({ capacity }) => capacity.length === 0)) return always(at, unbounded);
    const work = facts.usage.filter(({ booking }) => booking !== facts.subject.onBehalfOf);
    const others = [...work, ...reservedUses(facts, demands)].map(inWholeMs);
    const taken: Taken = { others, runMs: runMsOf(facts), demands, zone: environment?.zone ?? null };
    const sets = setsOf(taken);
    const isFull = (moment: Temporal.Instant): boolean =>
      demands.settingsAt(moment).capacity.some((limit) => isIn(sets.get(keyOf(limit)) ?? emptySet, moment));
    const changes = [...sets.values()].flatMap(({ borders }) => borders.filter((ms) => isMsWithin(ms, at, horizon)));
    const borders = momentsWithin([...demands.moments, ...changes.map(instantOf)], at, horizon);
    const free = borders.filter((border) => !isFull(border));
    const judgeAt = (moment: Temporal.Instant): Judgement =>
      toJudgement(taken, free.find((border) => isAfter(border, moment)) ?? null, instantOf(msOf(moment)));
    // Whoever is in the way differs from start to start, so no two that stop stand for each other.
    const stopsAt = stanceOfItsOwn();
    const stanceAt = (ms: number): number => (isFull(instantOf(ms)) ? stopsAt(ms) : passes);
    return timelineOfMoments(borders, { from: at, to: horizon }, judgeAt, stanceAt);
  },
});

const unbounded = notApplicable("no-capacity-bound", "Nothing that the change shares with others has a bound.");

interface Taken {
  readonly others: readonly ResourceUse[];
  readonly runMs: number;
  readonly demands: Demands;
  readonly zone: string | null;
}

/** What other teams have reserved of the resources, one use for each place. */
function reservedUses(
  { service, reservations }: Pick<Facts, "service" | "reservations">,
  { all }: Demands,
): ResourceUse[] {
  if (reservations.length === 0) return [];
  const counted = new Set(all.flatMap(({ capacity }) => capacity.map(({ demand }) => demand.resource)));
  return [...counted].flatMap((resource) =>
    reservations
      .filter(({ place, team }) => place === reservedResource(resource) && team !== service?.team)
      .flatMap(({ id, team, from, to, seats }) =>
        seats.map(() => ({ resource, booking: id, service: team, from, to })),
      ),
  );
}

function runMsOf({ subject, durations }: Pick<Facts, "subject" | "durations">): number {
  const expected = durations.find(
    ({ service, environment }) => service === subject.service && environment === subject.environment,
  );
  return expected === undefined ? 0 : Math.ceil(elapsedMs(expected.p95));
}

/** Longer rather than shorter, as the sets of starts are. */
function inWholeMs(use: ResourceUse): ResourceUse {
  return { ...use, from: instantOf(msOf(use.from)), to: instantOf(msOfEnd(use.to)) };
}

/** For each bound the starts from which no place is free. */
function setsOf({ others, runMs, demands }: Taken): ReadonlyMap<string, SpanSet> {
  const limits = demands.all.flatMap(({ capacity }) => capacity);
  return new Map(
    limits.map((limit) => {
      const { resource, max } = limit.demand;
      const uses = others.filter((use) => use.resource === resource);
      return [keyOf(limit), startsWithoutPlace(uses, max, runMs)];
    }),
  );
}

function keyOf({ demand: { resource, max } }: Demanded<CapacityLimit>): string {
  return `${max} ${resource}`;
}

function isMsWithin(ms: number, from: Temporal.Instant, to: Temporal.Instant): boolean {
  return from.epochMilliseconds < ms && ms < to.epochMilliseconds;
}

function toJudgement(work: Taken, next: Temporal.Instant | null, moment: Temporal.Instant): Judgement {
  const limits = work.demands.settingsAt(moment).capacity;
  if (limits.length === 0) return unbounded;
  const full = limits.flatMap((limit) => fullFor(work, limit, moment) ?? []);
  const policies = policyEvidence(limits.flatMap(({ sources }) => sources));
  if (full.length === 0) {
    const names = limits.map(({ demand }) => demand.resource);
    return pass("place-free", `A place is free on ${sayList(names, "and")}.`, policies);
  }
  const evidence = [...full.flatMap((one) => one.evidence), ...policies];
  const deeds = full.flatMap(({ remedies }) => remedies);
  const said = full.map((one) => one.said).join("; ");
  if (next === null) return refuse("deny", "no-place-free", `${said}; no place in sight is free.`, deeds, evidence);
  const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(next, work.zone)}.` };
  const sentence = `${said}; a place is free on ${sayInstant(next, work.zone)}.`;
  return refuse("wait", "no-place-free", sentence, [wait, ...deeds], evidence);
}

/** A resource without a place for the run. */
interface Full {
  readonly said: string;
  readonly remedies: readonly Remedy[];
  readonly evidence: readonly Evidence[];
}

function fullFor(
  { others, runMs, zone }: Taken,
  { demand, sources }: Demanded<CapacityLimit>,
  moment: Temporal.Instant,
): Full | null {
  const { resource, max } = demand;
  if (max < 1) return closed(resource, sources);
  const end = moment.add({ milliseconds: runMs });
  const met = others.filter((use) => use.resource === resource && meets(use, moment, end));
  const inTheWay = tooMany(met, max, moment);
  if (inTheWay.length === 0) return null;
  const holders = met.map(({ booking, service, from, to }) => {
    return `${booking} (${service}, ${sayInstant(from, zone)} to ${sayInstant(to, zone)})`;
  });
  return {
    said: `${resource} has ${max === 1 ? "one place" : `${max} places`}, taken by ${sayList(holders, "and")}`,
    remedies: inTheWay.map(({ booking, service }) => {
      return { kind: "change", who: `owner of ${service}`, what: `Move ${booking} away from ${resource}.` } as const;
    }),
    evidence: met.map(({ booking, service }) => ({
      kind: "booking",
      ref: booking,
      text: `${service} uses ${resource}`,
    })),
  };
}

function closed(resource: string, sources: readonly PolicySource[]): Full {
  const what = `Give ${resource} a place, or take it out of the policy.`;
  return {
    said: `${resource} has no place at all`,
    remedies: [{ kind: "change", who: policyOwners(sources), what }],
    evidence: [],
  };
}

function meets({ from, to }: ResourceUse, start: Temporal.Instant, end: Temporal.Instant): boolean {
  const beginsBefore = start.equals(end) ? !isAfter(from, start) : isAfter(end, from);
  return beginsBefore && isAfter(to, start);
}

/** Those that would have to go so that at no time of the run all places are taken; the last to begin go first. */
function tooMany(met: readonly ResourceUse[], max: number, start: Temporal.Instant): readonly ResourceUse[] {
  const gone = new Set<ResourceUse>();
  const moments = [start, ...met.map(({ from }) => from).filter((from) => isAfter(from, start))];
  for (const moment of moments.toSorted((a, b) => compareInstants(a, b))) {
    const there = met.filter((use) => !gone.has(use) && !isAfter(use.from, moment) && isAfter(use.to, moment));
    there.sort((a, b) => compareInstants(b.from, a.from) || (a.booking < b.booking ? 1 : -1));
    for (const use of there.slice(0, Math.max(0, there.length - (max - 1)))) gone.add(use);
  }
  return [...gone];
}

import type { ImpactedService } from "#core/calendar/cover/impact.ts";
import { awayTime, coveredTime, onDutyWithin, rosterOf } from "#core/calendar/cover/on-duty.ts";
import type { TeamCover } from "#core/calendar/cover/rota.ts";
import { complement, intersection, isEmpty, setOfSpans, spansIn } from "#core/calendar/span-set.ts";
import type { Person } from "#core/catalog/people.ts";
import { compareInstants, isBefore, type Span } from "#core/span.ts";

export interface CoverQuery {
  readonly impact: readonly ImpactedService[];
  /** Go-live and stabilisation. */
  readonly span: Span;
  /** As far as is looked: a gap that the span touches is named from its begin to its end, as the rule names it. The span alone when left out. */
  readonly within?: Span;
  readonly rotas: readonly TeamCover[];
  readonly people: ReadonlyMap<string, Person>;
}

/** Somebody who could step in. */
export interface Candidate {
  readonly person: string;
  readonly why: string;
}

export interface CoverGap extends Span {
  readonly team: string;
  /** Services of the impact set that the team answers for. */
  readonly services: readonly string[];
  /** Lowest of their tiers. */
  readonly tier: number;
  readonly candidates: readonly Candidate[];
}

/** A team of which nobody knows who is on duty. */
export interface UnknownCover {
  readonly team: string;
  readonly services: readonly string[];
  readonly tier: number;
  readonly why: string;
}

export interface Cover {
  readonly gaps: readonly CoverGap[];
  readonly unknown: readonly UnknownCover[];
  /** Who is on duty at some time of the span, by team. */
  readonly onDuty: readonly { readonly team: string; readonly persons: readonly string[] }[];
}

/** Substitutes named for one gap. */
export const maxCandidates = 10;

/** Who is there and who is not, for every team of the impact set: gaps with their exact spans, and who could step in. */
export function coverFor({ impact, span, within = span, rotas, people }: CoverQuery): Cover {
  const looked = { from: earlier(span.from, within.from), to: later(span.to, within.to) };
  const gaps: CoverGap[] = [];
  const unknown: UnknownCover[] = [];
  const onDuty: { team: string; persons: readonly string[] }[] = [];
  for (const group of teamsOf(impact)) {
    const known = rotas.find(({ team }) => team === group.team);
    const roster = known === undefined ? null : rosterOf(known, looked);
    const why = unknownWhy(known, roster, span);
    if (known === undefined || roster === null || !roster.ok || why !== null) {
      unknown.push({ ...group, why: why ?? "" });
      continue;
    }
    onDuty.push({ team: group.team, persons: onDutyWithin(roster.value, span) });
    const to = known.knownUntil === null ? looked.to : earlier(looked.to, known.knownUntil);
    for (const gap of spansIn(complement(coveredTime(roster.value), { from: looked.from, to }))) {
      if (isBefore(gap.from, span.to) && isBefore(span.from, gap.to))
        gaps.push({ ...group, ...gap, candidates: candidatesFor(known, gap, people) });
    }
  }
  return { gaps, unknown, onDuty };
}

function earlier(a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant {
  return isBefore(a, b) ? a : b;
}

function later(a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant {
  return isBefore(a, b) ? b : a;
}

/** Why the cover of a team over a span cannot be told; null when it can. */
export function unknownWhy(
  cover: TeamCover | undefined,
  roster: { readonly ok: true } | { readonly ok: false; readonly error: string } | null,
  span: Span,
): string | null {
  if (cover === undefined || roster === null) return "no rota is known";
  if (!roster.ok) return roster.error;
  const { knownUntil } = cover;
  if (knownUntil === null || compareInstants(span.to, knownUntil) <= 0) return null;
  return `its imported rota ends on ${knownUntil.toString({ smallestUnit: "minute" })}`;
}

export interface TeamImpact {
  readonly team: string;
  readonly services: readonly string[];
  readonly tier: number;
}

/** The impact set by team, in its order. */
export function teamsOf(impact: readonly ImpactedService[]): readonly TeamImpact[] {
  const byTeam = new Map<string, { team: string; services: string[]; tier: number }>();
  for (const { service, team, tier } of impact) {
    const known = byTeam.get(team);
    if (known === undefined) {
      byTeam.set(team, { team, services: [service], tier });
      continue;
    }
    known.services.push(service);
    known.tier = Math.min(known.tier, tier);
  }
  return [...byTeam.values()];
}

/** First those who do shifts for the team anyway, then its other members; nobody who is away in the gap. */
export function candidatesFor(cover: TeamCover, gap: Span, people: ReadonlyMap<string, Person>): readonly Candidate[] {
  const found = new Map<string, string>();
  const add = (person: string, why: string): void => {
    const away = intersection(awayTime(cover.swaps, person), setOfSpans([gap]));
    if (!found.has(person) && isEmpty(away)) found.set(person, why);
  };
  for (const { name, persons } of cover.shifts) for (const person of persons) add(person, `does the shift ${name}`);
  for (const { person } of cover.duties) add(person, "is on another shift");
  for (const { name, teams } of people.values())
    if (teams.includes(cover.team)) add(name, `is a member of ${cover.team}`);
  return [...found].slice(0, maxCandidates).map(([person, why]) => ({ person, why }));
}

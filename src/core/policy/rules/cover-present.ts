import { candidatesFor, teamsOf, unknownWhy, type TeamImpact } from "#core/calendar/cover/cover-for.ts";
import { coverLengthMs } from "#core/calendar/cover/cover-length.ts";
import { isCoveredThroughout, rememberedCover } from "#core/calendar/cover/remembered-cover.ts";
import type { TeamCover } from "#core/calendar/cover/rota.ts";
import { complement, spansIn, type SpanSet, instantOf, msOfEnd } from "#core/calendar/span-set.ts";
import { forwardActions } from "#core/catalog/scope.ts";
import type { Person } from "#core/catalog/people.ts";
import { timelineOver } from "#core/policy/calendar-timeline.ts";
import type { Evidence, Judgement, Remedy, StoppingPart } from "#core/policy/finding.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { sayInstant, sayList } from "#core/policy/say.ts";
import { always, passes, type Stance } from "#core/policy/timeline.ts";
import { compareInstants, type Span } from "#core/span.ts";

/** Up to this tier nobody on duty is a denial; a service that matters less goes with a caution in the evidence. */
export const guardedTier = 1;

/**
 * Every start needs somebody on duty from the go-live to the end of the stabilisation, in every team whose service
 * would feel a failure. Which team matters how much, the tier of its own service says.
 */
export const coverPresent = defineRule({
  id: "cover-present",
  version: "2",
  title: "Somebody is on duty for every service that would feel a failure",
  reason: "A release that fails while nobody can be reached stays failed until the morning.",
  remedy: "Name somebody for the gap in the rota, or wait until the shift begins.",
  codes: ["goes-back", "no-rotas", "scope-unknown", "covered", "cover-thin", "cover-gap", "cover-unknown"],
  exemptible: ["cover-thin", "cover-gap"],
  overridable: ["cover-thin", "cover-gap"],
  needs: ["environment", "durations", "impact", "rotas", "people"],
  judge({ at, horizon, subject, environment, durations, impact, rotas, people }) {
    if (!forwardActions.includes(subject.action)) {
      return always(at, notApplicable("goes-back", "Going back does not wait for a shift."));
    }
    if (rotas === "none") return always(at, notApplicable("no-rotas", "Nobody has declared a rota."));
    if (rotas === "unknown") return always(at, unreadableRotas());
    if (impact.length === 0) return always(at, refuse("unknown", "scope-unknown", "The service is not known.", []));
    const lengthMs = coverLengthMs({ subject, durations, impact, rotas });
    const needed = { from: at, to: instantOf(msOfEnd(horizon) + lengthMs) };
    const shortages = teamsOf(impact).flatMap((team) => shortagesOf(team, rotas, needed, people));
    const zone = environment?.zone ?? null;
    const problems = shortages.map((shortage) => ({
      shortage: lazily(shortage, zone),
      starts: startsHitBy(shortage.span, lengthMs),
    }));
    const hitAt = (ms: number) => problems.filter(({ starts }) => isHit(starts, ms)).map(({ shortage }) => shortage);
    const stance = stanceByGrave();
    return timelineOver(
      problems.map(({ starts }) => starts),
      { from: at, to: horizon },
      (moment) => toJudgement(hitAt(moment.epochMilliseconds).map(({ words }) => words())),
      (ms) => stance(hitAt(ms)),
    );
  },
});

/** A stretch in which a team has nobody, or in which nobody knows; `why` says which. */
interface Shortage extends TeamImpact {
  /** The same for as long as it is the same gap: the team, and its end where that is in sight. */
  readonly subject: string;
  readonly span: Span;
  /** null: known to be uncovered. */
  readonly why: string | null;
  readonly candidates: () => readonly string[];
}

function shortagesOf(
  team: TeamImpact,
  rotas: readonly TeamCover[],
  needed: Span,
  people: ReadonlyMap<string, Person>,
): readonly Shortage[] {
  const cover = rotas.find((entry) => entry.team === team.team);
  if (cover !== undefined && unknownWhy(cover, known, needed) === null && isCoveredThroughout(cover, needed)) return [];
  const covered = cover === undefined ? null : rememberedCover(cover, needed);
  const why = unknownWhy(cover, covered, needed);
  if (cover === undefined || covered === null || !covered.ok) {
    return [{ ...team, subject: team.team, span: needed, why, candidates: nobody }];
  }
  const knownTo = why === null || cover.knownUntil === null ? needed.to : cover.knownUntil;
  const unknownFrom = compareInstants(knownTo, needed.from) > 0 ? knownTo : needed.from;
  const unknown =
    why === null
      ? []
      : [{ ...team, subject: team.team, span: { from: unknownFrom, to: needed.to }, why, candidates: nobody }];
  if (compareInstants(unknownFrom, needed.from) <= 0 && why !== null) return unknown;
  const gaps = spansIn(complement(covered.value, { from: needed.from, to: knownTo }));
  const found = gaps.map((span) => ({
    ...team,
    subject: span.to.equals(knownTo) ? team.team : `${team.team} until ${span.to.toString()}`,
    span,
    why: null,
    candidates: () => candidatesFor(cover, span, people).map(({ person }) => person),
  }));
  return [...found, ...unknown];
}

const known = { ok: true } as const;
const nobody = (): readonly string[] => [];

/** The starts whose run and stabilisation would touch the stretch. */
function startsHitBy({ from, to }: Span, lengthMs: number): SpanSet {
  return { borders: [from.epochMilliseconds - lengthMs + 1, to.epochMilliseconds] };
}

function isHit({ borders: [from = 0, to = 0] }: SpanSet, ms: number): boolean {
  return from <= ms && ms < to;
}

/** A shortage that is put into words once and only if somebody asks: it is said again at every moment it touches. */
interface LazyShortage {
  readonly isGrave: boolean;
  readonly words: () => SaidShortage;
}

function lazily(shortage: Shortage, zone: string | null): LazyShortage {
  let said: SaidShortage | null = null;
  return { isGrave: shortage.tier <= guardedTier, words: () => (said ??= inWords(shortage, zone)) };
}

interface SaidShortage {
  readonly subject: string;
  readonly isGap: boolean;
  readonly isGrave: boolean;
  readonly said: string;
  readonly evidence: Evidence;
  readonly remedy: Remedy;
}

function inWords(shortage: Shortage, zone: string | null): SaidShortage {
  const { subject, team, span, why, tier } = shortage;
  const when = saySpan(span, zone);
  const candidates = shortage.candidates();
  const said = why === null ? `nobody of ${team} is on duty ${when}` : `who of ${team} is on duty is not known: ${why}`;
  return {
    subject,
    isGap: why === null,
    isGrave: tier <= guardedTier,
    said,
    evidence: toEvidence(shortage, when, candidates),
    remedy: toRemedy(shortage, when, candidates),
  };
}

/** Segments ask for the same deeds when the same grave shortages hit them. */
function stanceByGrave(): (hit: readonly LazyShortage[]) => Stance {
  const numbers = new Map<LazyShortage, number>();
  const stances = new Map<string, Stance>();
  return (hit) => {
    const grave = hit.filter(({ isGrave }) => isGrave);
    if (grave.length === 0) return passes;
    for (const shortage of grave) if (!numbers.has(shortage)) numbers.set(shortage, numbers.size);
    const key = grave.map((shortage) => numbers.get(shortage)).join();
    const stance = stances.get(key) ?? stances.size + 1;
    stances.set(key, stance);
    return stance;
  };
}

function toJudgement(hit: readonly SaidShortage[]): Judgement {
  if (hit.length === 0) return pass("covered", "Somebody is on duty for every service that would feel a failure.");
  const evidence = hit.map((shortage) => shortage.evidence);
  const grave = hit.filter(({ isGrave }) => isGrave);
  if (grave.length === 0) return pass("cover-thin", sayShortages(hit), evidence);
  const remedies = grave.map(({ remedy }) => remedy);
  const sentence = sayShortages(grave);
  if (!grave.some(({ isGap }) => isGap)) return refuse("unknown", "cover-unknown", sentence, remedies, evidence);
  return { outcome: "deny", code: "cover-gap", sentence, remedies, evidence, parts: grave.map(partOf) };
}

function partOf({ subject, isGap, said, remedy }: SaidShortage): StoppingPart {
  return { subject, code: isGap ? "cover-gap" : "cover-unknown", said, remedies: [remedy] };
}

/** Stretches named in one sentence; the evidence has all of them. */
const maxSaid = 4;

function sayShortages(shortages: readonly SaidShortage[]): string {
  const said = shortages.slice(0, maxSaid).map((shortage) => shortage.said);
  if (shortages.length > maxSaid) said.push(`${shortages.length - maxSaid} more`);
  const text = said.join("; ");
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function saySpan({ from, to }: Span, zone: string | null): string {
  return `from ${sayInstant(from, zone)} to ${sayInstant(to, zone)}`;
}

function toEvidence({ team, why, services }: Shortage, when: string, candidates: readonly string[]): Evidence {
  const could = candidates.length === 0 ? "" : `; ${sayList(candidates, "or")} could step in`;
  const text = why === null ? `gap ${when}${could}` : why;
  return { kind: "rota", ref: team, text: `${text} (${sayList(services, "and")})` };
}

function toRemedy({ team, why }: Shortage, when: string, candidates: readonly string[]): Remedy {
  const who = `team ${team}`;
  if (why !== null) return { kind: "supply-evidence", who, what: `Declare or import the rota of ${team}.` };
  const could = candidates.length === 0 ? "" : `: ${sayList(candidates, "or")} could step in`;
  return { kind: "change", who, what: `Name somebody ${when}${could}.` };
}

function unreadableRotas(): Judgement {
  const remedy: Remedy = { kind: "supply-evidence", who: "platform team", what: "Make the rotas readable again." };
  return refuse("unknown", "cover-unknown", "The rotas cannot be read.", [remedy]);
}

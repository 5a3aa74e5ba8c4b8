import { indicator, meansOver } from "#core/calendar/advice/cumulative.ts";
import { batchSpans, loadOver, peakLoad, quietLoad, type LoadProfile } from "#core/calendar/advice/load-profile.ts";
import { reasonsFor, scoreOf, type Reason } from "#core/calendar/advice/reasons.ts";
import type { Risk } from "#core/calendar/advice/risk.ts";
import { instantOf, isMsIn, msOf, msOfEnd, type SpanSet } from "#core/calendar/span-set.ts";
import type { Span } from "#core/span.ts";

/** What a slot is chosen by. */
export interface AdviceQuery {
  /** The joint openings of the verdict: a slot lies wholly inside one of them. */
  readonly open: SpanSet;
  /** IANA zone of the environment: that of the hours of all profiles. */
  readonly zone: string;
  /** Load of the service itself; null when nobody has recorded it. */
  readonly profile: LoadProfile | null;
  /** Profiles of what the service depends on, for the hours of their batches. */
  readonly neighbours: readonly LoadProfile[];
  /** Run and way back together, in ms of elapsed time; more than 0. */
  readonly neededMs: number;
  /** The way back alone; null when it is not known. */
  readonly rollbackMs: number | null;
  readonly risk: Risk;
  readonly since: Temporal.Instant;
  readonly until: Temporal.Instant;
  /** Distance between candidates in ms; they lie on whole multiples of it and at the start of each opening. */
  readonly stepMs: number;
}

/** A stretch for one run with what speaks for and against it. `score`: 0 to 100, the sum of the weights. */
export interface Slot extends Span {
  readonly score: number;
  readonly reasons: readonly Reason[];
}

/** A person compares a handful; beyond it the list is no advice. */
export const maxSlots = 20;
/** 60 days in steps of 15 minutes, and room for the starts of openings. */
export const maxCandidates = 8_000;
export const defaultStepMs = 15 * 60_000;

/**
 * The best slots that do not overlap, best first, of equal ones the earlier. Equal questions give equal answers. One
 * pass over candidates and hours, then a sort of the candidates.
 */
export function advise(query: AdviceQuery): readonly Slot[] {
  const scored = scoreEach(query, candidatesOf(query));
  const ranked = scored.toSorted((a, b) => b.score - a.score || a.fromMs - b.fromMs);
  const chosen: Candidate[] = [];
  for (const candidate of ranked) {
    if (chosen.length === maxSlots) break;
    if (chosen.every(({ fromMs }) => Math.abs(fromMs - candidate.fromMs) >= query.neededMs)) chosen.push(candidate);
  }
  return chosen.map((candidate) => toSlot(query, candidate));
}

/** The slot that starts at an instant, scored by the same function; null when it does not lie inside an opening. */
export function scoreSlot(query: AdviceQuery, from: Temporal.Instant): Slot | null {
  const fromMs = msOf(from);
  const closesAt = closingAfter(query.open, fromMs);
  if (closesAt === null || closesAt - fromMs < query.neededMs) return null;
  const [scored] = scoreEach(query, [{ fromMs, closesAt }]);
  return scored === undefined ? null : toSlot(query, scored);
}

interface Place {
  readonly fromMs: number;
  readonly closesAt: number;
}

interface Candidate extends Place {
  readonly score: number;
  readonly reasons: readonly Reason[];
}

function candidatesOf({ open, neededMs, since, until, stepMs }: AdviceQuery): readonly Place[] {
  const [sinceMs, untilMs] = [msOfEnd(since), msOf(until)];
  const places: Place[] = [];
  for (let i = 0; i + 1 < open.borders.length; i += 2) {
    const closesAt = open.borders[i + 1] ?? 0;
    const first = Math.max(open.borders[i] ?? 0, sinceMs);
    const last = Math.min(closesAt - neededMs, untilMs - 1);
    for (let ms = first; ms <= last; ms = (Math.floor(ms / stepMs) + 1) * stepMs) {
      if (places.length === maxCandidates) return places;
      places.push({ fromMs: ms, closesAt });
    }
  }
  return places;
}

/** `places` in rising order. */
function scoreEach(query: AdviceQuery, places: readonly Place[]): readonly Candidate[] {
  const { profile, neighbours, neededMs, zone } = query;
  const [first, last] = [places[0], places.at(-1)];
  if (first === undefined || last === undefined) return [];
  const span = { from: instantOf(first.fromMs), to: instantOf(last.fromMs + Math.ceil(neededMs) + 1) };
  const load = profile === null ? null : loadOver(profile, zone, span);
  const loadOf =
    load === null
      ? null
      : meansOver(
          load.map(({ fromMs, load: value }) => ({ fromMs, value })),
          neededMs,
        );
  const batches = neighbours.map((neighbour) => {
    const spans = batchSpans(neighbour, zone, span);
    const shareOf = spans === null ? () => 1 : meansOver(indicator(spans.borders), neededMs);
    return { service: neighbour.service, isReadable: spans !== null, shareOf };
  });
  const scale =
    profile === null || loadOf === null ? null : { peak: peakLoad(profile), quiet: quietLoad(profile) ?? 0 };
  return places.map(({ fromMs, closesAt }) => {
    const reasons = reasonsFor({
      risk: query.risk,
      load: loadOf === null || scale === null ? null : { mean: loadOf(fromMs), ...scale },
      batches: batches.map(({ shareOf, ...rest }) => ({ ...rest, share: shareOf(fromMs) })),
      rollbackMs: query.rollbackMs,
      spareMs: closesAt - fromMs - neededMs,
    });
    return { fromMs, closesAt, score: scoreOf(reasons), reasons };
  });
}

function toSlot({ neededMs }: AdviceQuery, { fromMs, score, reasons }: Candidate): Slot {
  return { from: instantOf(fromMs), to: instantOf(fromMs + Math.ceil(neededMs)), score, reasons };
}

function closingAfter(open: SpanSet, ms: number): number | null {
  return isMsIn(open, ms) ? (open.borders.find((border) => border > ms) ?? null) : null;
}

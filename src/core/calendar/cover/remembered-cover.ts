import { dayMs } from "#core/calendar/civil.ts";
import { coveredTime, rosterOf } from "#core/calendar/cover/on-duty.ts";
import type { TeamCover } from "#core/calendar/cover/rota.ts";
import { clip, instantOf, msOf, msOfEnd, unionOf, type SpanSet } from "#core/calendar/span-set.ts";
import { ok, type Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";

/** As in `expansion.ts`: what a verdict asks for lies in one or two of these. */
const chunkMs = 128 * dayMs;
const maxChunks = 8;
const maxChunksKept = 32;
const furthestMs = 8e15;

type Chunks = Map<number, Result<SpanSet, string>>;

/** Covers are values: what was made of one is kept as long as the cover itself. */
const kept = new WeakMap<TeamCover, Chunks>();

/**
 * When anybody of the team is on duty, within the span: `coveredTime` of the roster, from memory where it has been drawn
 * up before. Error: as of `rosterOf`.
 */
export function rememberedCover(cover: TeamCover, between: Span): Result<SpanSet, string> {
  const fromMs = msOf(between.from);
  const toMs = msOfEnd(between.to);
  const first = Math.floor(fromMs / chunkMs);
  const last = Math.floor((toMs - 1) / chunkMs);
  const isUsual = last >= first && last - first < maxChunks && Math.abs(fromMs) < furthestMs && toMs < furthestMs;
  if (!isUsual) return coverWithin(cover, between);
  const sets: SpanSet[] = [];
  for (let chunk = first; chunk <= last; chunk++) {
    const set = chunkOf(cover, chunk);
    if (!set.ok) return coverWithin(cover, between);
    sets.push(set.value);
  }
  return ok(clip(unionOf(sets), fromMs, toMs));
}

/**
 * True when somebody of the team is on duty throughout the span, as far as that is known from memory without putting
 * stretches together: the usual answer. False says nothing.
 */
export function isCoveredThroughout(cover: TeamCover, between: Span): boolean {
  const fromMs = msOf(between.from);
  const toMs = msOfEnd(between.to);
  const first = Math.floor(fromMs / chunkMs);
  const last = Math.floor((toMs - 1) / chunkMs);
  if (last < first || last - first >= maxChunks || Math.abs(fromMs) >= furthestMs || toMs >= furthestMs) return false;
  for (let chunk = first; chunk <= last; chunk++) {
    const set = chunkOf(cover, chunk);
    if (!set.ok) return false;
    const span = spanAround(set.value, Math.max(fromMs, chunk * chunkMs));
    if (span === null || span < Math.min(toMs, (chunk + 1) * chunkMs)) return false;
  }
  return true;
}

/** Epoch ms at which the span around an instant ends; null when it is in none. */
function spanAround({ borders }: SpanSet, ms: number): number | null {
  for (let i = 0; i + 1 < borders.length && (borders[i] ?? 0) <= ms; i += 2) {
    const end = borders[i + 1] ?? 0;
    if (ms < end) return end;
  }
  return null;
}

function chunkOf(cover: TeamCover, chunk: number): Result<SpanSet, string> {
  const chunks = kept.get(cover) ?? new Map<number, Result<SpanSet, string>>();
  kept.set(cover, chunks);
  const known = chunks.get(chunk);
  if (known !== undefined) return known;
  if (chunks.size >= maxChunksKept) chunks.clear();
  const made = coverWithin(cover, { from: instantOf(chunk * chunkMs), to: instantOf((chunk + 1) * chunkMs) });
  chunks.set(chunk, made);
  return made;
}

function coverWithin(cover: TeamCover, between: Span): Result<SpanSet, string> {
  const roster = rosterOf(cover, between);
  return roster.ok ? ok(clip(coveredTime(roster.value), msOf(between.from), msOfEnd(between.to))) : roster;
}

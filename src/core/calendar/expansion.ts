import { dayMs } from "#core/calendar/civil.ts";
import { spansOf, type CalendarFault } from "#core/calendar/expand.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import type { SpanKind } from "#core/calendar/resolve.ts";
import { appendSpan, instantOf, msOf, msOfEnd, type SpanSet } from "#core/calendar/span-set.ts";
import { ok, type Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";

/**
 * Rules are expanded by stretches of this length that begin at multiples of it since the epoch. The 60 days of a verdict
 * lie in one or two of them, whatever the instant, so a rule is expanded twice in four months and not at every verdict.
 */
const chunkMs = 128 * dayMs;

/** A question over more than this is answered without the memory: no verdict asks it. */
const maxChunks = 8;

/** Chunks kept of one rule, over all zones it is read in; beyond them they are made anew. */
const maxChunksKept = 64;

/** Instants further away than this are not asked about, and Temporal cannot hold the chunk around the last of them. */
const furthestMs = 8e15;

/** What a rule was expanded to in one zone over one stretch. */
interface Chunk {
  readonly kind: SpanKind;
  readonly zone: string;
  readonly chunk: number;
  readonly spans: Result<SpanSet, CalendarFault>;
}

/** Rules are values that do not change: what was made of one is kept as long as the rule itself. */
const kept = new WeakMap<LocalRule, Chunk[]>();

/** As `spansOf`, from memory where the rule has been expanded around there before. */
export function rememberedSpans(
  kind: SpanKind,
  rule: LocalRule,
  targetZone: string,
  between: Span,
): Result<SpanSet, CalendarFault> {
  const fromMs = msOf(between.from);
  const toMs = msOfEnd(between.to);
  const first = Math.floor(fromMs / chunkMs);
  const last = Math.floor((toMs - 1) / chunkMs);
  const isUsual = last >= first && last - first < maxChunks && Math.abs(fromMs) < furthestMs && toMs < furthestMs;
  if (!isUsual) return spansOf(kind, rule, targetZone, between);
  const zone = rule.zone === "target" ? targetZone : rule.zone;
  const borders: number[] = [];
  for (let chunk = first; chunk <= last; chunk++) {
    const spans = chunkOf(kind, rule, zone, chunk);
    // A longer stretch may be too much work where this one is not, and the message is to name this one.
    if (!spans.ok) return spansOf(kind, rule, targetZone, between);
    appendClipped(borders, spans.value, fromMs, toMs);
  }
  return ok({ borders });
}

function chunkOf(kind: SpanKind, rule: LocalRule, zone: string, chunk: number): Result<SpanSet, CalendarFault> {
  let chunks = kept.get(rule);
  if (chunks === undefined) {
    chunks = [];
    kept.set(rule, chunks);
  }
  // Seldom more than a handful, so that looking through them is faster than making a key.
  for (const known of chunks) {
    if (known.chunk === chunk && known.kind === kind && known.zone === zone) return known.spans;
  }
  if (chunks.length >= maxChunksKept) chunks.length = 0;
  const spans = spansOf(kind, rule, zone, { from: instantOf(chunk * chunkMs), to: instantOf((chunk + 1) * chunkMs) });
  chunks.push({ kind, zone, chunk, spans });
  return spans;
}

/** Appends what of the set lies in `[fromMs, toMs)`; a span that two chunks cut is whole again. */
function appendClipped(borders: number[], { borders: own }: SpanSet, fromMs: number, toMs: number): void {
  for (let i = firstEndAfter(own, fromMs); i + 1 < own.length; i += 2) {
    const from = own[i] ?? 0;
    if (from >= toMs) return;
    appendSpan(borders, Math.max(from, fromMs), Math.min(own[i + 1] ?? 0, toMs));
  }
}

/** Place of the first span that ends after the ms. */
function firstEndAfter(borders: readonly number[], ms: number): number {
  let low = 0;
  let high = borders.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((borders[2 * middle + 1] ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return 2 * low;
}

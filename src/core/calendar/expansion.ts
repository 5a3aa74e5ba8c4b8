import { dayMs } from "#core/calendar/civil.ts";
import { spansOf, type CalendarFault } from "#core/calendar/expand.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import type { SpanKind } from "#core/calendar/resolve.ts";
import { instantOf, isMsIn, msOf, msOfEnd, unionOf, type SpanSet } from "#core/calendar/span-set.ts";
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
  const range = chunksOf(between);
  if (range === null) return spansOf(kind, rule, targetZone, between);
  const sets: SpanSet[] = [];
  for (let chunk = range.first; chunk <= range.last; chunk++) {
    const spans = chunkOf(kind, rule, zoneFor(rule, targetZone), chunk);
    // A longer stretch may be too much work where this one is not, and the message is to name this one.
    if (!spans.ok) return spansOf(kind, rule, targetZone, between);
    sets.push(spans.value);
  }
  return ok(clipped(sets, range));
}

/** A question in chunks. */
interface Range {
  readonly first: number;
  readonly last: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** null: too long or too far away to be answered from the memory. */
function chunksOf(between: Span): Range | null {
  const fromMs = msOf(between.from);
  const toMs = msOfEnd(between.to);
  const first = Math.floor(fromMs / chunkMs);
  const last = Math.floor((toMs - 1) / chunkMs);
  const isUsual = last >= first && last - first < maxChunks && Math.abs(fromMs) < furthestMs && toMs < furthestMs;
  return isUsual ? { first, last, fromMs, toMs } : null;
}

function zoneFor(rule: LocalRule, targetZone: string): string {
  return rule.zone === "target" ? targetZone : rule.zone;
}

/** What a list of rules makes together over one stretch; null when one of them cannot be expanded there. */
interface Together extends Omit<Chunk, "spans"> {
  readonly union: SpanSet | null;
}

/** By the list of rules as it is kept by whoever finds the rules of a subject: many subjects have the same. */
const keptTogether = new WeakMap<readonly { readonly rule: LocalRule }[], Together[]>();

/** The union of the spans of all the rules, from memory; null when `rememberedSpans` of each has to say why not. */
export function rememberedUnion(
  kind: SpanKind,
  rules: readonly { readonly rule: LocalRule }[],
  targetZone: string,
  between: Span,
): SpanSet | null {
  const range = chunksOf(between);
  if (range === null) return null;
  const sets: SpanSet[] = [];
  for (let chunk = range.first; chunk <= range.last; chunk++) {
    const union = unionIn(kind, rules, targetZone, chunk);
    if (union === null) return null;
    sets.push(union);
  }
  return clipped(sets, range);
}

function unionIn(
  kind: SpanKind,
  rules: readonly { readonly rule: LocalRule }[],
  zone: string,
  chunk: number,
): SpanSet | null {
  let chunks = keptTogether.get(rules);
  if (chunks === undefined) {
    chunks = [];
    keptTogether.set(rules, chunks);
  }
  for (const known of chunks) {
    if (known.chunk === chunk && known.kind === kind && known.zone === zone) return known.union;
  }
  if (chunks.length >= maxChunksKept) chunks.length = 0;
  const sets: SpanSet[] = [];
  for (const { rule } of rules) {
    const spans = chunkOf(kind, rule, zoneFor(rule, zone), chunk);
    if (spans.ok) sets.push(spans.value);
  }
  const union = sets.length === rules.length ? unionOf(sets) : null;
  chunks.push({ kind, zone, chunk, union });
  return union;
}

/** Whether a rule holds at an instant, from memory; what cannot be expanded does not. */
export function holdsAt(kind: SpanKind, rule: LocalRule, targetZone: string, ms: number): boolean {
  const spans = chunkOf(kind, rule, zoneFor(rule, targetZone), Math.floor(ms / chunkMs));
  return spans.ok && isMsIn(spans.value, ms);
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

/** Where borders are written before it is known how many they are; nothing is read that the same call did not write. */
const draft: number[] = [];

/** What of the sets of chunks one after the other lies in `[fromMs, toMs)`; a span that two chunks cut is whole again. */
function clipped(sets: readonly SpanSet[], { fromMs, toMs }: Range): SpanSet {
  let length = 0;
  for (const { borders } of sets) {
    for (let i = firstEndAfter(borders, fromMs); i + 1 < borders.length; i += 2) {
      const from = Math.max(borders[i] ?? 0, fromMs);
      if (from >= toMs) break;
      if (length > 0 && draft[length - 1] === from) length -= 1;
      else draft[length++] = from;
      draft[length++] = Math.min(borders[i + 1] ?? 0, toMs);
    }
  }
  return { borders: draft.slice(0, length) };
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

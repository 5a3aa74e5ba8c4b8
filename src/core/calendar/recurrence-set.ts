import { dayMs } from "#core/calendar/civil.ts";
import { localMsOf, parseRecurrence, type ParseMode } from "#core/calendar/parse-rrule.ts";
import type { RecurrenceError } from "#core/calendar/recurrence.ts";
import { seriesOf, singleSeries, type Series } from "#core/calendar/series.ts";
import { err, ok, type Result } from "#core/result.ts";

/** Several RRULEs are allowed by older calendars; more than this are not a calendar but an attack. */
const maxRules = 32;

/** Dates in RDATE and EXDATE lines together. */
const maxDates = 10_000;

/** How many excluded occurrences in a row are passed over before the set is called empty from there on. */
const maxExcludedInARow = 10_000;

interface Draft {
  anchor: number | null;
  readonly rules: { readonly text: string; readonly offset: number }[];
  readonly exclusionRules: { readonly text: string; readonly offset: number }[];
  readonly extras: Set<number>;
  readonly excluded: Set<number>;
  readonly excludedDays: Set<number>;
}

/**
 * Reads the lines of an RFC 5545 recurrence set: RRULE, RDATE, EXDATE, EXRULE (RFC 2445) and DTSTART, one to a line; a
 * line without a name is an RRULE. Dates are taken on the local clock, whatever zone or Z they carry. `anchor` (local
 * ms) comes before a DTSTART line; without either the set cannot be read. An EXDATE that is a date excludes its day.
 */
export function parseRecurrenceSet(
  text: string,
  anchor: number | null,
  mode: ParseMode = "lenient",
): Result<Series, RecurrenceError> {
  const draft: Draft = {
    anchor,
    rules: [],
    exclusionRules: [],
    extras: new Set(),
    excluded: new Set(),
    excludedDays: new Set(),
  };
  let offset = 0;
  for (const raw of text.split("\n")) {
    const message = raw.trim() === "" ? null : readLine(draft, raw.trim(), offset);
    if (message !== null) return err({ message, offset });
    offset += raw.length + 1;
  }
  if (draft.anchor === null) return err({ message: "DTSTART is missing", offset: 0 });
  return joinSet(draft, draft.anchor, mode);
}

function readLine(draft: Draft, line: string, offset: number): string | null {
  const colon = line.indexOf(":");
  const head = line.slice(0, Math.max(0, colon)).toUpperCase();
  const name = head.split(";")[0] ?? "";
  const value = line.slice(colon + 1);
  if (draft.rules.length + draft.exclusionRules.length >= maxRules) return `a set has at most ${maxRules} rules`;
  switch (name) {
    case "":
    case "RRULE":
      draft.rules.push({ text: value, offset: offset + colon + 1 });
      return null;
    case "EXRULE":
      draft.exclusionRules.push({ text: value, offset: offset + colon + 1 });
      return null;
    case "DTSTART":
      return readDates(value, ({ localMs }) => (draft.anchor ??= localMs));
    case "RDATE":
      return tooManyDates(draft) ?? readDates(value, ({ localMs }) => draft.extras.add(localMs));
    case "EXDATE":
      return tooManyDates(draft) ?? readDates(value, (date) => exclude(draft, date));
    default:
      return `${name} is not a line of a recurrence set`;
  }
}

interface ReadDate {
  readonly localMs: number;
  readonly form: "date" | "date-time";
}

function exclude(draft: Draft, { localMs, form }: ReadDate): void {
  if (form === "date") draft.excludedDays.add(localMs);
  else draft.excluded.add(localMs);
}

function tooManyDates(draft: Draft): string | null {
  const count = draft.extras.size + draft.excluded.size + draft.excludedDays.size;
  return count > maxDates ? `a set has at most ${maxDates} dates` : null;
}

const datePattern = /^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d))?Z?)?$/;

function readDates(value: string, accept: (date: ReadDate) => void): string | null {
  for (const text of value.split(",").slice(0, maxDates + 1)) {
    const date = readDate(text.trim());
    if (date === null) return `"${text}" is not a date or date-time that exists`;
    accept(date);
  }
  return null;
}

/** Reads `20260103`, `20260103T010000` or the same with dashes and colons; null when there is no such date or time. */
export function readDate(text: string): ReadDate | null {
  const match = datePattern.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((digits) => Number(digits ?? 0));
  const localMs = localMsOf(year ?? 0, month ?? 0, day ?? 0, hour ?? 0, minute ?? 0, second ?? 0);
  return localMs === null ? null : { localMs, form: match[4] === undefined ? "date" : "date-time" };
}

function joinSet(draft: Draft, anchor: number, mode: ParseMode): Result<Series, RecurrenceError> {
  const included = seriesOfTexts(draft.rules, anchor, mode);
  if (!included.ok) return included;
  const excluding = seriesOfTexts(draft.exclusionRules, anchor, mode);
  if (!excluding.ok) return excluding;
  // A set without a rule still has its start (RFC 5545 3.8.5.3); one with a rule has what the rule gives.
  const start = draft.rules.length === 0 ? [singleSeries(anchor)] : [];
  const members = [...included.value, ...start, ...[...draft.extras].map(singleSeries)];
  const isExcluded = (at: number): Result<boolean, RecurrenceError> => {
    if (draft.excluded.has(at) || draft.excludedDays.has(Math.floor(at / dayMs) * dayMs)) return ok(true);
    for (const series of excluding.value) {
      const found = series.next(at);
      if (!found.ok || found.value === at) return found.ok ? ok(true) : found;
    }
    return ok(false);
  };
  return ok({
    between: (from, to) => between(members, isExcluded, from, to),
    take: (from, limit) => take(members, isExcluded, from, limit),
    next: (from) => step(members, isExcluded, from, "forward"),
    previous: (to) => step(members, isExcluded, to, "backward"),
  });
}

function seriesOfTexts(
  texts: Draft["rules"],
  anchor: number,
  mode: ParseMode,
): Result<readonly Series[], RecurrenceError> {
  const found: Series[] = [];
  for (const { text, offset } of texts) {
    const recurrence = parseRecurrence(text, mode);
    if (!recurrence.ok) return err({ ...recurrence.error, offset: offset + recurrence.error.offset });
    found.push(seriesOf(recurrence.value, anchor));
  }
  return ok(found);
}

type IsExcluded = (at: number) => Result<boolean, RecurrenceError>;

function between(
  members: readonly Series[],
  isExcluded: IsExcluded,
  from: number,
  to: number,
): Result<readonly number[], RecurrenceError> {
  const all = new Set<number>();
  for (const series of members) {
    const found = series.between(from, to);
    if (!found.ok) return found;
    for (const at of found.value) all.add(at);
  }
  const kept: number[] = [];
  for (const at of [...all].sort((a, b) => a - b)) {
    const excluded = isExcluded(at);
    if (!excluded.ok) return excluded;
    if (!excluded.value) kept.push(at);
  }
  return ok(kept);
}

function take(
  members: readonly Series[],
  isExcluded: IsExcluded,
  from: number,
  limit: number,
): Result<readonly number[], RecurrenceError> {
  const taken: number[] = [];
  let position = from;
  let excludedInARow = 0;
  while (taken.length < limit) {
    const batch = nextBatch(members, position, limit - taken.length);
    if (!batch.ok) return batch;
    for (const at of batch.value) {
      const excluded = isExcluded(at);
      if (!excluded.ok) return excluded;
      excludedInARow = excluded.value ? excludedInARow + 1 : 0;
      if (!excluded.value) taken.push(at);
    }
    if (batch.value.length === 0) break;
    if (excludedInARow > maxExcludedInARow) return tooManyExcluded();
    position = (batch.value.at(-1) ?? position) + 1;
  }
  return ok(taken);
}

/** The next `limit` occurrences of all members together, exclusions left aside. */
function nextBatch(
  members: readonly Series[],
  from: number,
  limit: number,
): Result<readonly number[], RecurrenceError> {
  const all = new Set<number>();
  for (const series of members) {
    const found = series.take(from, limit);
    if (!found.ok) return found;
    for (const at of found.value) all.add(at);
  }
  return ok([...all].sort((a, b) => a - b).slice(0, limit));
}

function tooManyExcluded(): Result<never, RecurrenceError> {
  return err({ message: `more than ${maxExcludedInARow} occurrences in a row are excluded`, offset: 0 });
}

function step(
  members: readonly Series[],
  isExcluded: IsExcluded,
  start: number,
  direction: "forward" | "backward",
): Result<number | null, RecurrenceError> {
  let position = start;
  for (let tries = 0; tries <= maxExcludedInARow; tries++) {
    const nearest = nearestOf(members, position, direction);
    if (!nearest.ok || nearest.value === null) return nearest;
    const excluded = isExcluded(nearest.value);
    if (!excluded.ok) return excluded;
    if (!excluded.value) return nearest;
    position = direction === "forward" ? nearest.value + 1 : nearest.value;
  }
  return tooManyExcluded();
}

function nearestOf(
  members: readonly Series[],
  position: number,
  direction: "forward" | "backward",
): Result<number | null, RecurrenceError> {
  let nearest: number | null = null;
  for (const series of members) {
    const found = direction === "forward" ? series.next(position) : series.previous(position);
    if (!found.ok) return found;
    if (found.value === null) continue;
    if (nearest === null || (direction === "forward" ? found.value < nearest : found.value > nearest)) {
      nearest = found.value;
    }
  }
  return ok(nearest);
}

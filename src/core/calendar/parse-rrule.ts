import { daysFromCivil, daysInMonth, dayMs, hourMs, minuteMs, secondMs } from "#core/calendar/civil.ts";
import { frequencies, type Frequency, type Recurrence, type Skip, type Until } from "#core/calendar/recurrence.ts";
import type { RecurrenceError, WeekdayRule } from "#core/calendar/recurrence.ts";
import { err, ok, type Result } from "#core/result.ts";

/**
 * `strict` is for rules that decide: a combination that RFC 5545 forbids because its meaning is in doubt is refused.
 * `lenient` is for calendars found in the wild: ordinals outside MONTHLY and YEARLY are dropped, a missing FREQ is
 * YEARLY, an INTERVAL of 0 is 1, stray separators and blanks are skipped.
 */
export type ParseMode = "strict" | "lenient";

/** Longer text is refused before it is looked at; the longest sensible rule has a few hundred characters. */
const maxRuleLength = 4_000;

/** A COUNT has to be walked from the anchor; with a higher one that walk would be felt. Ends are better said by UNTIL. */
const maxCount = 100_000;

/** Steps of more than this leave the calendar at once, whatever the frequency but SECONDLY. */
const maxInterval = 1_000_000_000;

const weekdayNames = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

type Draft = { -readonly [Key in keyof Recurrence]: Recurrence[Key] };

interface Part {
  readonly name: string;
  readonly value: string;
  readonly offset: number;
  readonly valueOffset: number;
}

/**
 * Reads an RFC 5545 RRULE value (without the `RRULE:` prefix), with two extensions: BYEASTER (days from Western Easter
 * Sunday) and SKIP of RFC 7529 (calendar GREGORIAN only). Errors carry the offset of the offending character.
 */
export function parseRecurrence(text: string, mode: ParseMode = "strict"): Result<Recurrence, RecurrenceError> {
  if (text.length > maxRuleLength) return fail(`a recurrence has at most ${maxRuleLength} characters`, maxRuleLength);
  const parts = splitParts(text, mode);
  if (!parts.ok) return parts;
  const draft = emptyDraft();
  const seen = new Set<string>();
  for (const part of parts.value) {
    if (seen.has(part.name)) return fail(`${part.name} is given twice`, part.offset);
    seen.add(part.name);
    const message = readPart(draft, part, mode);
    if (message !== null) return fail(message, part.valueOffset);
  }
  if (draft.skip !== "OMIT" && draft.byMonthDay.some((day) => day < -28)) {
    return fail("SKIP is supported for BYMONTHDAY from -28 up only", 0);
  }
  if (!seen.has("FREQ") && mode === "strict") return fail("FREQ is missing", 0);
  if (mode === "strict") {
    const conflict = findConflict(draft, parts.value);
    if (conflict !== null) return err(conflict);
  } else if (draft.frequency !== "MONTHLY" && draft.frequency !== "YEARLY") {
    draft.byDay = draft.byDay.map(({ weekday }) => ({ weekday, ordinal: 0 }));
  }
  return ok(draft);
}

function fail(message: string, offset: number): Result<never, RecurrenceError> {
  return err({ message, offset });
}

function emptyDraft(): Draft {
  return {
    frequency: "YEARLY",
    interval: 1,
    count: null,
    until: null,
    byMonth: [],
    byMonthDay: [],
    byYearDay: [],
    byWeekNumber: [],
    byDay: [],
    byHour: [],
    byMinute: [],
    bySecond: [],
    bySetPosition: [],
    byEaster: [],
    weekStart: 0,
    skip: "OMIT",
  };
}

function splitParts(text: string, mode: ParseMode): Result<readonly Part[], RecurrenceError> {
  const parts: Part[] = [];
  const separator = mode === "strict" ? /;/g : /;|,(?=[A-Z]+=)/gi;
  let offset = 0;
  for (const raw of text.split(separator)) {
    const equals = raw.indexOf("=");
    if (equals > 0) {
      const name = raw.slice(0, equals).toUpperCase();
      const value = raw.slice(equals + 1).toUpperCase();
      const read = mode === "strict" ? value : value.replaceAll(" ", "");
      parts.push({ name, value: read, offset, valueOffset: offset + equals + 1 });
    } else if (mode === "strict" || raw.trim() !== "") {
      return fail(raw === "" ? "an empty part" : `"${raw}" is not NAME=value`, offset);
    }
    offset += raw.length + 1;
  }
  return ok(parts);
}

/** Puts one part into the draft; the answer is what is wrong with its value, or null. */
function readPart(draft: Draft, { name, value }: Part, mode: ParseMode): string | null {
  switch (name) {
    case "FREQ":
      return readFrequency(draft, value);
    case "INTERVAL":
      return readNumber(value, mode === "strict" ? 1 : 0, maxInterval, (interval) => (draft.interval = interval || 1));
    case "COUNT":
      return readNumber(value, 1, maxCount, (count) => (draft.count = count));
    case "UNTIL":
      draft.until = readUntil(value, mode);
      return draft.until === null ? `UNTIL=${value} is not a date or date-time that exists` : null;
    case "WKST":
      draft.weekStart = weekdayNames.indexOf(value);
      return draft.weekStart < 0 ? `WKST=${value} is not one of ${weekdayNames.join(", ")}` : null;
    case "BYDAY":
    case "BYWEEKDAY":
      return readDays(draft, value);
    case "RSCALE":
      return value === "GREGORIAN" ? null : `the calendar ${value} is not supported, only GREGORIAN`;
    case "SKIP":
      return readSkip(draft, value);
    default:
      return readList(draft, name, value);
  }
}

function readFrequency(draft: Draft, value: string): string | null {
  const found = frequencies.find((frequency: Frequency) => frequency === value);
  if (found === undefined) return `FREQ=${value} is not one of ${frequencies.join(", ")}`;
  draft.frequency = found;
  return null;
}

function readSkip(draft: Draft, value: string): string | null {
  const found = (["OMIT", "FORWARD", "BACKWARD"] satisfies Skip[]).find((skip) => skip === value);
  if (found === undefined) return `SKIP=${value} is not one of OMIT, FORWARD, BACKWARD`;
  draft.skip = found;
  return null;
}

function readNumber(value: string, least: number, most: number, accept: (read: number) => void): string | null {
  const read = /^[+-]?\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (!(read >= least && read <= most)) return `"${value}" is not a whole number from ${least} to ${most}`;
  accept(read);
  return null;
}

interface ListPart {
  readonly key:
    | "byMonth"
    | "byMonthDay"
    | "byYearDay"
    | "byWeekNumber"
    | "byHour"
    | "byMinute"
    | "bySecond"
    | "bySetPosition"
    | "byEaster";
  readonly least: number;
  readonly most: number;
  /** A negative value counts from the end, so zero has no meaning. */
  readonly zero: "allowed" | "refused";
}

const listParts: ReadonlyMap<string, ListPart> = new Map<string, ListPart>([
  ["BYMONTH", { key: "byMonth", least: 1, most: 12, zero: "refused" }],
  ["BYMONTHDAY", { key: "byMonthDay", least: -31, most: 31, zero: "refused" }],
  ["BYYEARDAY", { key: "byYearDay", least: -366, most: 366, zero: "refused" }],
  ["BYWEEKNO", { key: "byWeekNumber", least: -53, most: 53, zero: "refused" }],
  ["BYHOUR", { key: "byHour", least: 0, most: 23, zero: "allowed" }],
  ["BYMINUTE", { key: "byMinute", least: 0, most: 59, zero: "allowed" }],
  ["BYSECOND", { key: "bySecond", least: 0, most: 60, zero: "allowed" }],
  ["BYSETPOS", { key: "bySetPosition", least: -366, most: 366, zero: "refused" }],
  ["BYEASTER", { key: "byEaster", least: -200, most: 250, zero: "allowed" }],
]);

function readList(draft: Draft, name: string, value: string): string | null {
  const part = listParts.get(name);
  if (part === undefined) return `${name} is not a part of a recurrence`;
  const values: number[] = [];
  for (const item of value.split(",")) {
    const message = readNumber(item, part.least, part.most, (read) => values.push(read));
    if (message !== null) return `${name}: ${message}`;
    if (part.zero === "refused" && values.at(-1) === 0) return `${name}: 0 has no meaning`;
  }
  draft[part.key] = values;
  return null;
}

function readDays(draft: Draft, value: string): string | null {
  const days: WeekdayRule[] = [];
  for (const item of value.split(",")) {
    const match = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/.exec(item);
    const ordinal = match?.[1] === undefined ? 0 : Number(match[1]);
    const isZero = match?.[1] !== undefined && ordinal === 0;
    if (match === null || isZero || Math.abs(ordinal) > 53)
      return `BYDAY: "${item}" is not a weekday such as MO, 2TU or -1FR`;
    days.push({ ordinal, weekday: weekdayNames.indexOf(match[2] ?? "") });
  }
  draft.byDay = days;
  return null;
}

const untilPattern = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/;

/** A date means the whole of that day; a date-time ending in Z is an instant, which the caller reads in the rule's zone. */
function readUntil(value: string, mode: ParseMode): Until | null {
  const match = untilPattern.exec(mode === "lenient" ? value.replace(/Z+$/, "Z") : value);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((digits) => Number(digits ?? 0));
  const localMs = localMsOf(year ?? 0, month ?? 0, day ?? 0, hour ?? 0, minute ?? 0, second ?? 0);
  if (localMs === null) return null;
  if (match[4] === undefined) return { form: "date", localMs: localMs + dayMs - 1 };
  return { form: match[7] === "Z" ? "utc" : "local", localMs };
}

/** Local ms of a reading given in parts, or null when there is no such date or time of day. */
export function localMsOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | null {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 60) return null;
  return daysFromCivil(year, month, day) * dayMs + hour * hourMs + minute * minuteMs + Math.min(second, 59) * secondMs;
}

/** What RFC 5545 3.3.10 forbids and what therefore means different things to different readers. */
function findConflict(draft: Draft, parts: readonly Part[]): RecurrenceError | null {
  const offsetOf = (name: string): number => parts.find((part) => part.name === name)?.offset ?? 0;
  const isLong = draft.frequency === "MONTHLY" || draft.frequency === "YEARLY";
  const hasOrdinals = draft.byDay.some(({ ordinal }) => ordinal !== 0);
  if (draft.count !== null && draft.until !== null) {
    return { message: "COUNT and UNTIL exclude each other", offset: offsetOf("UNTIL") };
  }
  if (hasOrdinals && !isLong) {
    return { message: `an ordinal in BYDAY has no meaning with FREQ=${draft.frequency}`, offset: offsetOf("BYDAY") };
  }
  if (hasOrdinals && draft.byWeekNumber.length > 0) {
    return { message: "an ordinal in BYDAY has no meaning beside BYWEEKNO", offset: offsetOf("BYDAY") };
  }
  const otherBys = parts.some(({ name }) => name.startsWith("BY") && name !== "BYSETPOS");
  if (draft.bySetPosition.length > 0 && !otherBys) {
    return { message: "BYSETPOS needs another BY part to choose from", offset: offsetOf("BYSETPOS") };
  }
  return null;
}

import { shorten } from "#config/plain.ts";
import type { ValueProblem } from "#config/value-problem.ts";
import type { RuleEnd } from "#core/calendar/local-rule.ts";
import { err, ok, type Result } from "#core/result.ts";

/** Zone data has rules for these years; a date outside is a typing slip. */
export const yearRange = { from: 1970, to: 2200 } as const;

/** Longest elapsed time of one occurrence or one run. */
export const maxDurationHours = 366 * 24;

/** `2026-01-03T01:00`, with seconds if wanted; no zone, no offset, and it must exist in the calendar. */
export function readLocalDateTime(text: string): Result<Temporal.PlainDateTime, ValueProblem> {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (match === null) return err(badLocal(text, localRemedy(text)));
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  if (hour === 24) return err(badLocal(text, "Write T00:00 of the next day; 24:00 can only be an end."));
  if (year < yearRange.from || year > yearRange.to) {
    return err(badLocal(text, `Use a year from ${yearRange.from} to ${yearRange.to}.`));
  }
  try {
    return ok(Temporal.PlainDateTime.from({ year, month, day, hour, minute, second }, { overflow: "reject" }));
  } catch {
    return err(badLocal(text, "Use a day and a time that exist."));
  }
}

function badLocal(text: string, remedy: string): ValueProblem {
  return { code: "bad-local-time", message: `"${shorten(text)}" is not a local date and time.`, remedy };
}

function localRemedy(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return `Add the time of day: ${text}T00:00.`;
  if (/^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:?\d{2}|\])$/.test(text)) {
    return "Leave the offset out: it is a local time, and its zone stands in the field zone.";
  }
  return "Write it like 2026-01-03T01:00.";
}

/** An instant with `Z` or an offset. */
export function readInstant(text: string): Result<Temporal.Instant, ValueProblem> {
  const remedy = "Write it with Z or an offset, like 2026-01-10T00:00:00Z.";
  const problem: ValueProblem = { code: "bad-instant", message: `"${shorten(text)}" is not an instant.`, remedy };
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return err(problem);
  try {
    return ok(Temporal.Instant.from(text));
  } catch {
    return err(problem);
  }
}

/** ISO 8601 duration of elapsed time, longer than nothing; a day is 24 hours. The value has hours and smaller units. */
export function readDuration(text: string): Result<Temporal.Duration, ValueProblem> {
  const bad = (message: string, remedy: string): Result<Temporal.Duration, ValueProblem> =>
    err({ code: "bad-duration", message, remedy });
  if (!text.startsWith("P")) return bad(`"${shorten(text)}" is not a duration.`, "Write it like PT4H, PT90M or P1D.");
  let duration: Temporal.Duration;
  try {
    duration = Temporal.Duration.from(text);
  } catch {
    return bad(`"${shorten(text)}" is not a duration.`, "Write it like PT4H, PT90M or P1D.");
  }
  if (duration.years !== 0 || duration.months !== 0) {
    return bad(
      `"${shorten(text)}" has no fixed length.`,
      "Use days, hours, minutes and seconds; months and years vary.",
    );
  }
  const days = duration.days + duration.weeks * 7;
  const elapsed = Temporal.Duration.from({
    hours: duration.hours + days * 24,
    minutes: duration.minutes,
    seconds: duration.seconds,
  });
  const hours = elapsed.total("hours");
  if (hours <= 0 || hours > maxDurationHours) {
    return bad(
      `"${shorten(text)}" is not between one second and ${maxDurationHours / 24} days.`,
      "Use a length in between.",
    );
  }
  return ok(elapsed);
}

/** `05:00`: minutes from midnight; `24:00` is 1440, the end of the day. */
export function readMinuteOfDay(text: string): Result<number, ValueProblem> {
  const match = /^(\d{2}):(\d{2})$/.exec(text);
  const hour = Number(match?.[1] ?? 99);
  const minute = Number(match?.[2] ?? 99);
  if (minute < 60 && (hour < 24 || (hour === 24 && minute === 0))) return ok(hour * 60 + minute);
  return err({
    code: "bad-time-of-day",
    message: `"${shorten(text)}" is not a time of day.`,
    remedy: 'Write it from "00:00" to "24:00", in hours and minutes with two digits each.',
  });
}

/** A time of day, or one absolute local end. */
export function readEnd(text: string): Result<Exclude<RuleEnd, { readonly kind: "elapsed" }>, ValueProblem> {
  if (/^\d{4}-/.test(text)) {
    const at = readLocalDateTime(text);
    return at.ok ? ok({ kind: "until", at: at.value }) : at;
  }
  const minuteOfDay = readMinuteOfDay(text);
  return minuteOfDay.ok ? ok({ kind: "wall", minuteOfDay: minuteOfDay.value }) : minuteOfDay;
}

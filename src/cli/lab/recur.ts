import { z } from "zod";
import { fromLocalMs, toLocalMs } from "#core/calendar/civil.ts";
import { parseRecurrenceSet } from "#core/calendar/recurrence-set.ts";
import { labId, localDateTime, toLabError } from "./line.ts";

/** Dates in one answer. */
const maxDates = 100_000;
const defaultLimit = 1_000;

const line = z.object({
  id: labId,
  dtstart: localDateTime.nullish(),
  rule: z.string(),
  limit: z.int().min(1).max(maxDates).nullish(),
  between: z.tuple([localDateTime, localDateTime]).nullish(),
});

/**
 * The occurrences of a recurrence set in floating local time: `{id, dtstart, rule, limit | between: [a, b]}` gives
 * `{id, dates: [local…]}`, the first `limit` from the anchor or those in `[a, b)`. What cannot be read gives
 * `{id, error}`. A DTSTART line in `rule` serves when `dtstart` is left out.
 */
export function answerLine(input: unknown): object {
  const parsed = line.safeParse(input);
  if (!parsed.success) return toLabError(input, z.prettifyError(parsed.error));
  const { id, dtstart, rule, limit, between } = parsed.data;
  const anchor = dtstart ? toLocalMs(dtstart) : null;
  const set = parseRecurrenceSet(rule, anchor);
  if (!set.ok) return { id, error: `${set.error.message} (at ${set.error.offset})` };
  const dates = between
    ? set.value.between(toLocalMs(between[0]), toLocalMs(between[1]))
    : set.value.take(Number.NEGATIVE_INFINITY, limit ?? defaultLimit);
  if (!dates.ok) return { id, error: `${rule}: ${dates.error.message}` };
  return { id, dates: dates.value.slice(0, maxDates).map((at) => fromLocalMs(at).toString()) };
}

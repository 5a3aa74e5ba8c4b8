import { z } from "zod";
import { fromLocalMs } from "#core/calendar/civil.ts";
import { readDate } from "#core/calendar/recurrence-set.ts";

/** Lines are told apart by whatever the sender chose. */
export const labId = z.union([z.string(), z.number()]);

/** A wall-clock reading without zone or offset: `2026-01-03T01:00`, seconds optional, or `20260103T010000`. */
export const localDateTime = z.string().transform((text, context): Temporal.PlainDateTime => {
  const date = text.endsWith("Z") ? null : readDate(text);
  if (date !== null) return fromLocalMs(date.localMs);
  context.addIssue(`"${text}" is not a local date-time such as 2026-01-03T01:00`);
  return z.NEVER;
});

/** An instant with Z or an offset. */
export const utcInstant = z.iso
  .datetime({ offset: true })
  .transform((text): Temporal.Instant => Temporal.Instant.from(text));

/** The answer to a line that cannot be read, under its id when it has one. */
export function toLabError(
  input: unknown,
  error: string,
): { readonly id: string | number | null; readonly error: string } {
  const id = z.object({ id: labId }).safeParse(input);
  return { id: id.success ? id.data.id : null, error };
}

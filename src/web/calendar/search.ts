import { z } from "zod";
import { entityName } from "#contract/common.ts";

/** A parameter that cannot be read counts as absent: an old or mistyped link still opens the page. */
function lenient<T extends z.ZodType>(schema: T): z.ZodCatch<z.ZodOptional<T>> {
  return schema.optional().catch(undefined as z.output<T> | undefined);
}

export const calendarViews = ["month", "week", "agenda"] as const;
export type CalendarViewName = (typeof calendarViews)[number];

const date = z.iso.date().regex(/^(19[7-9]\d|2\d{3})-/);
const zone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_+/-]*$/)
  .refine(isZone);

/** State of the calendar, all of it in the URL. */
export const calendarSearch = z.object({
  /** `week` when absent. */
  view: lenient(z.enum(calendarViews)),
  /** The day that is looked at; today when absent. */
  date: lenient(date),
  lanes: lenient(z.enum(["environment", "unit"])),
  environment: lenient(entityName),
  service: lenient(entityName),
  /** Zone in which days are laid out; that of the environment when absent. */
  zone: lenient(zone),
  /** `open`: the text box for a draft. */
  draft: lenient(z.literal("open")),
});
export type CalendarSearch = z.output<typeof calendarSearch>;

/** True for a zone that this browser's zone data knows. */
function isZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

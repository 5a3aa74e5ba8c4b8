import { z } from "zod";
import { entityName, instant, version } from "#contract/common.ts";
import { lenient } from "#web/ui/lenient.ts";

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
  /** The draft itself; the example when absent. */
  text: lenient(z.string().max(2000)),
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

const chosenItems = z.string().regex(/^(none|\d{1,5}(,\d{1,5}){0,199})$/);

/** State of the proposed moves: which are listed, which items are ticked, and the dialog that is open. */
export const moveSearch = z.object({
  /** Only batches with something to decide when absent. */
  show: lenient(z.literal("all")),
  calendar: lenient(entityName),
  batch: lenient(z.string().regex(/^rfl_[0-9a-f]{32}$/)),
  /** Positions of the batch; every item that can be accepted when absent. */
  items: lenient(chosenItems),
  ask: lenient(z.enum(["accept", "decline"])),
});
export type MoveSearch = z.output<typeof moveSearch>;

/** A question for advice, all of it in the URL. */
export const adviceSearch = z.object({
  service: lenient(entityName),
  version: lenient(version),
  environment: lenient(entityName),
  /** As the catalog has it when absent. */
  risk: lenient(z.enum(["low", "high"])),
});
export type AdviceSearch = z.output<typeof adviceSearch>;

/** State of a slot and its negotiation. */
export const slotSearch = z.object({
  risk: lenient(z.enum(["low", "high"])),
  /** Begin of the counter-proposal that is being written. */
  from: lenient(instant),
  ask: lenient(z.enum(["accept", "withdraw"])),
  /** The proposal that the dialog is about. */
  slot: lenient(z.string().regex(/^slt_[0-9a-f]{32}$/)),
});
export type SlotSearch = z.output<typeof slotSearch>;

/** State of the calendars from outside. */
export const sourceSearch = z.object({
  /** The calendar whose events are shown. */
  calendar: lenient(entityName),
});

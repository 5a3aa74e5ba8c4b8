import { z } from "zod";
import { entityName } from "#contract/common.ts";
import { runState } from "#contract/plan.ts";
import { lenient } from "#web/ui/lenient.ts";

/** State of the list of runs, all of it in the URL. */
export const runsSearch = z.object({
  state: lenient(z.union([runState, z.literal("late"), z.literal("all")])),
  runbook: lenient(entityName),
  service: lenient(entityName),
});
export type RunsSearch = z.output<typeof runsSearch>;

/** The dialog that is open on the page of a run. */
export const runSearch = z.object({
  ask: lenient(z.enum(["turn-back", "hand-over", "oversee", "leave"])),
});
export type RunSearch = z.output<typeof runSearch>;

export const runbookSearch = z.object({
  version: lenient(z.string().regex(/^sha256:[0-9a-f]{64}$/)),
  /** The version that it is compared with. */
  against: lenient(z.string().regex(/^sha256:[0-9a-f]{64}$/)),
  /** `open`: the dialog that begins a run. */
  start: lenient(z.literal("open")),
});
export type RunbookSearch = z.output<typeof runbookSearch>;

import type { ReportedSignal } from "#core/release/report.ts";
import type { ErrorBudget } from "#core/release/reports.ts";
import type { Signal } from "#core/release/state.ts";
import { isBefore } from "#core/span.ts";

/*
 * A reporter may promise when it reports again. What has not been heard of by then is not known any more: a monitor that
 * died is no good news. The promise is looked at once, at the instant of the verdict: for the time ahead the newest report
 * stands, or nothing could start that takes longer than the next report is away.
 */

/** A signal as its source reported it, before the instant of a verdict is known. */
export interface PromisedSignal extends Signal {
  /** It holds up to, not at, this instant; absent: its source reports changes only. */
  readonly freshUntil?: Temporal.Instant | undefined;
  readonly source?: string | undefined;
}

/** The signal as it is known at the instant. */
export function heardSignal({ freshUntil, source, ...signal }: PromisedSignal, at: Temporal.Instant): Signal {
  if (freshUntil === undefined || isBefore(at, freshUntil)) return signal;
  return { ...signal, status: "unknown", since: freshUntil, clearedFrom: null, event: `${source ?? ""} silent`.trim() };
}

/** What is put on record of a signal whose source has not been heard of by the promised instant; null: none was promised. */
export function silenceOf({ freshUntil, ...said }: ReportedSignal): ReportedSignal | null {
  if (freshUntil === undefined) return null;
  return { ...said, status: "unknown", at: freshUntil, ref: "silent", silentSince: freshUntil };
}

/** The budget as it is known at the instant. */
export function heardBudget({ freshUntil, ...budget }: ErrorBudget, at: Temporal.Instant): ErrorBudget {
  return freshUntil === undefined || isBefore(at, freshUntil) ? budget : { ...budget, silentSince: freshUntil };
}

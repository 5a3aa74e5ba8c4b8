import { believe, type Measured } from "#core/criteria/believe.ts";
import type { MetricMemory, SecondSpan } from "#core/criteria/series.ts";
import { minutesOf } from "#core/rollout/live-steps.ts";
import type { MetricTrigger, Steps, Trigger } from "#core/rollout/triggers.ts";

/** What one look at the metric of a trigger has left behind; plain data. */
export interface MeasuredTrigger {
  /** For the next look; null: nothing was ever believed. */
  readonly memory: MetricMemory | null;
  /** Of the newest minute; null: nobody knows. */
  readonly value: number | null;
  /** Why nobody knows, as a sentence without its full stop; null: it is known. */
  readonly trouble: string | null;
}

/** Longer than any source takes to collect: the newest minutes that are known lie this far back at most. */
const lagSeconds = 120;

/** What is asked for at a look: every minute that counts, as far as the version was live, and what may not have come yet. */
export function spanToAsk(
  { of }: Pick<Trigger, "of">,
  { nowSecond, liveSecond }: { readonly nowSecond: number; readonly liveSecond: number },
): SecondSpan {
  const from = Math.max(liveSecond, nowSecond - of * 60 - lagSeconds);
  return { from: Math.min(from, nowSecond), until: nowSecond };
}

/**
 * The minutes of a metric that end where its source ends, the newest last. What cannot be believed, for the reasons that
 * criteria have, is no step at all: neither health nor a breach. `answer` null: there is none yet.
 */
export function measuredSteps(
  { metric, of, minRequests }: MetricTrigger,
  seen: {
    readonly answer: Measured | null;
    readonly version: string;
    readonly nowSecond: number;
    readonly liveSecond: number;
    readonly memory: MetricMemory | null;
  },
): { readonly steps: Steps; readonly measured: MeasuredTrigger } {
  const { answer, version, nowSecond, liveSecond, memory } = seen;
  const nothing = (trouble: string) => ({ steps: [], measured: { memory, value: null, trouble } });
  if (answer === null) return nothing(`${metric.source} has not answered yet`);
  const believed = believe(metric, { until: nowSecond, version, answer, memory });
  if (!believed.ok) return nothing(believed.error.sentence);
  const { series, memory: next } = believed.value;
  const until = next.newest + 1;
  const known = minutesOf(series, { of, minRequests }, { liveSecond, until });
  const steps = metric.whenAbsent === "zero" ? known.map((value) => value ?? 0) : known;
  const value = steps.at(-1) ?? null;
  const trouble = value === null ? "the newest minute has too few points" : null;
  return { steps, measured: { memory: next, value, trouble } };
}

import type { Criterion } from "#core/criteria/criterion.ts";

/**
 * `errors`: per cent of requests in a minute · `latency`: 95th percentile of a minute in ms · `health`: versions that
 * the target does not show ready with all the traffic, at a look · `integrity`: the newest value of an item of evidence
 * on the digest · `budget`: per cent of the error budget that has burned since going live · `metric`: what a source of
 * criteria says of a minute.
 */
export const triggerKinds = ["errors", "latency", "health", "integrity", "budget", "metric"] as const;
export type TriggerKind = (typeof triggerKinds)[number];

export interface Trigger {
  readonly name: string;
  readonly kind: TriggerKind;
  /** A step is in breach when its value is above this; for a metric of which less is worse, below. */
  readonly above: number;
  /** It fires when so many … */
  readonly breaches: number;
  /** … of the last so many steps are in breach: minutes that end now, or looks. */
  readonly of: number;
  /** Requests, or points of a metric, without which a minute says nothing. */
  readonly minRequests: number;
  /** For `integrity`: the kind of evidence, such as `reconciliation`. */
  readonly evidence: string | null;
  /** For `metric`: what is asked of whom. */
  readonly metric?: TriggerMetric | undefined;
}

/** A question to a source of criteria, believed by the same rules as theirs. */
export type TriggerMetric = Pick<Criterion, "source" | "query" | "unit" | "worse" | "freshSeconds" | "whenAbsent">;

export type MetricTrigger = Trigger & { readonly metric: TriggerMetric };

export function isOfMetric(trigger: Trigger): trigger is MetricTrigger {
  return trigger.metric !== undefined;
}

/** Whether a value counts as harm. */
export function isHarm({ above, metric }: Pick<Trigger, "above" | "metric">, value: number): boolean {
  return metric?.worse === "lower" ? value < above : value > above;
}

/** What a breach is, behind the name of the trigger: `is above 2`. */
export function sayLimit({ above, metric }: Pick<Trigger, "above" | "metric">): string {
  const unit = metric === undefined ? "" : ` ${metric.unit}`;
  return `${metric?.worse === "lower" ? "below" : "above"} ${above}${unit}`;
}

/** Steps of a minute; the others have one step per look. */
export function isByMinute({ kind }: Pick<Trigger, "kind">): boolean {
  return kind === "errors" || kind === "latency" || kind === "metric";
}

/** Values of steps, the newest last; null: nobody knows, which is neither health nor a breach. */
export type Steps = readonly (number | null)[];

export type Standing = "breached" | "quiet" | "unknown";

/** `unknown`: too few steps are known to say that it is quiet, and too few are in breach to fire. */
export function standingOf(trigger: Trigger, steps: Steps): Standing {
  const { breaches, of } = trigger;
  const last = steps.slice(-of);
  const broken = last.filter((value) => value !== null && isHarm(trigger, value)).length;
  if (broken >= breaches) return "breached";
  const unknown = of - last.filter((value) => value !== null).length;
  return broken + unknown >= breaches ? "unknown" : "quiet";
}

/** An alert ends when no step is in breach any more and all are known: limits that are grazed do not ring twice. */
export function isCalm(trigger: Trigger, steps: Steps): boolean {
  const last = steps.slice(-trigger.of);
  return last.length === trigger.of && last.every((value) => value !== null && !isHarm(trigger, value));
}

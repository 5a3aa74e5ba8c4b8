/**
 * `errors`: per cent of requests in a minute · `latency`: 95th percentile of a minute in ms · `health`: versions that
 * the target does not show ready with all the traffic, at a look · `integrity`: the newest value of an item of evidence
 * on the digest · `budget`: per cent of the error budget that has burned since going live.
 */
export const triggerKinds = ["errors", "latency", "health", "integrity", "budget"] as const;
export type TriggerKind = (typeof triggerKinds)[number];

export interface Trigger {
  readonly name: string;
  readonly kind: TriggerKind;
  /** A step is in breach when its value is above this. */
  readonly above: number;
  /** It fires when so many … */
  readonly breaches: number;
  /** … of the last so many steps are in breach: minutes that end now, or looks. */
  readonly of: number;
  /** Requests without which a minute says nothing. */
  readonly minRequests: number;
  /** For `integrity`: the kind of evidence, such as `reconciliation`. */
  readonly evidence: string | null;
}

/** Steps of a minute; the others have one step per look. */
export function isByMinute({ kind }: Pick<Trigger, "kind">): boolean {
  return kind === "errors" || kind === "latency";
}

/** Values of steps, the newest last; null: nobody knows, which is neither health nor a breach. */
export type Steps = readonly (number | null)[];

export type Standing = "breached" | "quiet" | "unknown";

/** `unknown`: too few steps are known to say that it is quiet, and too few are in breach to fire. */
export function standingOf({ above, breaches, of }: Trigger, steps: Steps): Standing {
  const last = steps.slice(-of);
  const broken = last.filter((value) => value !== null && value > above).length;
  if (broken >= breaches) return "breached";
  const unknown = of - last.filter((value) => value !== null).length;
  return broken + unknown >= breaches ? "unknown" : "quiet";
}

/** An alert ends when no step is in breach any more and all are known: limits that are grazed do not ring twice. */
export function isCalm({ above, of }: Trigger, steps: Steps): boolean {
  const last = steps.slice(-of);
  return last.length === of && last.every((value) => value !== null && value <= above);
}

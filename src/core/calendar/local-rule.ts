/**
 * A rule in local time: (zone, stored anchor, RFC 5545 recurrence, end). Recurrence runs on local dates;
 * each occurrence is then turned into instants by the laws of semantics §2.2.
 */
export interface LocalRule {
  /** IANA zone name, or `target`: the zone of the environment that is judged. */
  readonly zone: string;
  /** The stored anchor: INTERVAL, COUNT, UNTIL and BYSETPOS count from here. */
  readonly start: Temporal.PlainDateTime;
  /** RFC 5545 RRULE value without the `RRULE:` prefix; null for a single occurrence. */
  readonly rrule: string | null;
  readonly end: RuleEnd;
  /** Local starts that do not happen. */
  readonly exdates: readonly Temporal.PlainDateTime[];
}

export type RuleEnd =
  /** Wall-clock end; at or before the start it means the next day. `24:00` is minute 1440. */
  | { readonly kind: "wall"; readonly minuteOfDay: number }
  /** Elapsed time from the resolved start; ignores clock changes. */
  | { readonly kind: "elapsed"; readonly duration: Temporal.Duration }
  /** One absolute local end; only without recurrence (a quarter-end freeze over several days). */
  | { readonly kind: "until"; readonly at: Temporal.PlainDateTime };

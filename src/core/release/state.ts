/** What runs where, as of one instant. */
export interface Deployed {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly since: Temporal.Instant;
  /** Its stabilisation was prolonged until then, not everything being green; absent: it was not. */
  readonly stabilisingUntil?: Temporal.Instant | undefined;
}

/** A change on an environment at a planned span of time. */
export interface PlannedBooking {
  readonly id: string | null;
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
}

/** P95 figures from own history or from the declaration. */
export interface ExpectedDuration {
  readonly service: string;
  readonly environment: string;
  readonly p95: Temporal.Duration;
  readonly rollbackP95: Temporal.Duration;
}

export const signalStatuses = ["ok", "degraded", "outage", "unknown"] as const;
export type SignalStatus = (typeof signalStatuses)[number];

/** How a service or vendor is, as its monitoring says: the newest report of each environment. */
export interface Signal {
  readonly service: string;
  /** null: everywhere. */
  readonly environment: string | null;
  /** `unknown`: whoever reports has not been heard of for too long. */
  readonly status: SignalStatus;
  /** When it came to be so. */
  readonly since: Temporal.Instant;
  /** What an `ok` came after; null: nothing that anybody knows of. */
  readonly clearedFrom: Exclude<SignalStatus, "ok"> | null;
  /** Who says so, and its name there: `statuspage INC-4711`. */
  readonly event: string | null;
}

/** A lock as a fact: who holds which key, under which fencing number. */
export interface HeldLock {
  readonly key: string;
  readonly holder: string;
  /** What its holder brings where: `checkout-api@5.0.1 to prod`; absent: the source of the fact does not say. */
  readonly subject?: string | undefined;
  /** Rising number; null where the source of the fact does not say. */
  readonly fence: number | null;
  /** When the holder expects to be done; null if unknown. */
  readonly until: Temporal.Instant | null;
}

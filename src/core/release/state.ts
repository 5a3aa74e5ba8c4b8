/** What runs where, as of one instant. */
export interface Deployed {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly since: Temporal.Instant;
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

export interface Signal {
  readonly service: string;
  readonly environment: string | null;
  readonly status: "ok" | "degraded" | "outage";
  readonly since: Temporal.Instant;
}

/** A lock as a fact: who holds which key, under which fencing number. */
export interface HeldLock {
  readonly key: string;
  readonly holder: string;
  /** Rising number; null where the source of the fact does not say. */
  readonly fence: number | null;
  /** When the holder expects to be done; null if unknown. */
  readonly until: Temporal.Instant | null;
}

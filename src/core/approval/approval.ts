/** Consent to content (semantics §4): bound to one digest over everything that will run. */
export interface Approval {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly person: string;
  readonly decision: "approved" | "rejected";
  readonly at: Temporal.Instant;
  /** Digest of the content that was shown; null only for facts imported without one (`--from DIR`). */
  readonly contentDigest: string | null;
  readonly reason: string | null;
  /** Freezes, by name, in spite of which it was given: it counts for those as well. Absent: none. */
  readonly despite?: readonly string[];
}

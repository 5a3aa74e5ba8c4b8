import type { Result } from "#core/result.ts";
import type { Authenticate } from "#usecases/access/identity.ts";
import type { CreateToken } from "#usecases/access/create-token.ts";
import type { LogIn } from "#usecases/access/log-in.ts";
import type { ProveIdentity } from "#usecases/access/prove-identity.ts";
import type { RevokeOwnToken } from "#usecases/access/revoke-token.ts";
import type { Call, Operations } from "#usecases/operations.ts";
import type { BusinessOperations } from "#usecases/calendar/import-operations.ts";
import type { CalendarFaces } from "#usecases/calendar/timetable-faces.ts";
import type { ExemptionOperations } from "#usecases/exemption/exemption-operations.ts";
import type { GateOperations } from "#usecases/release/gate-types.ts";
import type { HookOperations } from "#usecases/release/hook-types.ts";
import type { IntakeOperations } from "#usecases/release/intake-operations.ts";
import type { PlanOperations } from "#usecases/plan/plan-operations.ts";
import type { WatchOperations } from "#usecases/rollout/watch-operations.ts";
import type { RollbackOperations } from "#usecases/rollback/rollback-operations.ts";
import type { ReservationOperations } from "#usecases/plan/reservation-operations.ts";
import type { StrategyOperations } from "#usecases/rollout/choose-strategy.ts";
import type { SequenceOperations } from "#usecases/plan/sequences.ts";
import type { StepOperations } from "#usecases/plan/step-operations.ts";
import type { WaveOperations } from "#usecases/waves/wave-operations.ts";
import type { PolicyOperations } from "#usecases/policy/policy-operations.ts";
import type { Views } from "#usecases/views.ts";
import type { Log } from "#runtime/log.ts";
import type { StaticFiles } from "#api/static-files.ts";
import type { Health } from "#api/health.ts";
import type { Metrics } from "#api/metrics.ts";

/** All that the HTTP interface stands on; `main/compose` binds it, tests bind fakes. */
export interface ApiDeps {
  readonly operations: Operations;
  readonly views: Views;
  readonly calendar: CalendarFaces;
  readonly business: BusinessOperations;
  readonly intake: IntakeOperations;
  readonly gates: GateOperations;
  readonly hooks: HookOperations;
  readonly exemptions: ExemptionOperations;
  readonly policies: PolicyOperations;
  readonly plans: PlanOperations & StepOperations;
  readonly waves: WaveOperations;
  readonly reservations: ReservationOperations;
  readonly rollback: RollbackOperations;
  readonly watches: WatchOperations;
  readonly sequences: SequenceOperations;
  readonly strategies: StrategyOperations;
  readonly access: Access;
  readonly idempotency: IdempotencyStore;
  readonly events: EventSource;
  readonly clock: ApiClock;
  /** Root of the hash tree over canonical audit entries in order, as `sha256:…`; `core/audit` with a hash function. */
  readonly auditRoot: (entries: readonly string[]) => string;
  readonly health: Health;
  /** An error after which the same question may be answered a moment later: the store is away, or short of something. */
  readonly isPassing: (error: unknown) => boolean;
  readonly metrics: Metrics;
  readonly log: Log;
  /** The built pages; null where there are none (`--role api` without UI, tests). */
  readonly web: StaticFiles | null;
  /** Aborted when the server stops: streams of events end at once, their readers come back to the next server. */
  readonly stopping: AbortSignal;
  readonly settings: ApiSettings;
}

export interface Access {
  readonly authenticate: Authenticate;
  readonly logIn: LogIn;
  readonly createToken: CreateToken;
  readonly revokeToken: RevokeOwnToken;
  readonly prove: ProveIdentity;
}

/** Answers of mutating calls, kept for at least a day. `scope` is the account: keys of two accounts never meet. */
export interface IdempotencyStore {
  readonly reserve: (call: IdempotentCall) => Promise<Reservation>;
  /**
   * Carries out the act so that whatever it stores says for which call. When it throws, so does this, and the key is free
   * as soon as it is certain that nothing was stored. `attempt-lost`: somebody else has the key, and nothing was stored.
   */
  readonly carryOut: <T>(attempt: Attempt, act: () => Promise<T>) => Promise<Result<T, "attempt-lost">>;
  /** Keeps the answer; the reservation becomes a replay. */
  readonly complete: (attempt: Attempt, answer: { readonly status: number; readonly body: unknown }) => Promise<void>;
  /** Gives the key free again: nothing was done that an answer could be kept of. */
  readonly release: (attempt: Attempt) => Promise<void>;
}

export interface IdempotentCall {
  readonly scope: string;
  readonly key: string;
  readonly operation: string;
  /** `sha256:…` over path, query and body as sent. */
  readonly bodyDigest: string;
  /** Carried out again it finds what it made the first time, and answers with that. */
  readonly isRepeatable: boolean;
}

/** A call whose key is ours. */
export interface Attempt extends IdempotentCall {
  readonly attempt: string;
}

export type Reservation =
  | { readonly state: "fresh"; readonly attempt: Attempt }
  | { readonly state: "replay"; readonly status: number; readonly body: unknown }
  /** The key was used for another operation or another body. */
  | { readonly state: "conflict" }
  /** It was carried out, wholly or in part, and its answer was lost. */
  | { readonly state: "answer-lost" }
  | { readonly state: "in-progress" };

/**
 * Events in order after a cursor (null: from now on), without gaps, until the signal aborts. A cursor that is not
 * known, or older than what is kept, starts at the oldest event kept.
 */
export type EventSource = (after: string | null, signal: AbortSignal) => AsyncIterable<SourcedEvent>;

export interface SourcedEvent {
  readonly id: string;
  readonly kind: "deployment" | "timeline" | "traffic" | "configuration" | "clock";
  readonly object: string;
  readonly at: Temporal.Instant;
  readonly body: unknown;
}

export interface ApiClock {
  /** The domain's time. */
  readonly now: () => Temporal.Instant;
  readonly shiftMs: () => number;
  readonly settable: boolean;
  readonly zoneData: string;
  /** Shifts the domain's clock so that it shows the instant now. */
  readonly set: (
    to: Temporal.Instant,
    call: Call,
  ) => Promise<Result<{ readonly now: Temporal.Instant; readonly shiftMs: number }, "clock-is-fixed">>;
}

export interface ApiSettings {
  /** `host:port` as it may stand in `Host`, lower case. Everything else is answered 421: DNS rebinding ends there. */
  readonly allowedHosts: readonly string[];
  /** Origins of our own pages: `http://127.0.0.1:7070`. */
  readonly origins: readonly string[];
  /** True behind TLS: the cookie is `__Host-` and Secure, and browsers are told to stay on TLS. */
  readonly secure: boolean;
  readonly version: string;
  readonly limits: ApiLimits;
  /** Parse every answer by the contract before it is sent; a wrong one is a 500. For tests and development. */
  readonly checkAnswers: boolean;
}

export interface ApiLimits {
  /** Longest an operation may take before the caller is told to ask again. */
  readonly requestMs: number;
  /** Calls of one account: how many at once, and how many per second after that. */
  readonly callBurst: number;
  readonly callsPerSecond: number;
  /** Attempts with a wrong credential from one address: at once, and per minute after that. */
  readonly attemptBurst: number;
  readonly attemptsPerMinute: number;
  readonly maxStreams: number;
  /** Of one account: tabs and scripts of one person must not take the streams of all others. */
  readonly maxStreamsPerAccount: number;
  /** Bytes of events that may wait for a slow reader before the stream is dropped. */
  readonly streamBufferBytes: number;
  readonly heartbeatMs: number;
  /** A stream asks again this often whether its credential still holds. */
  readonly recheckMs: number;
  /** Due work older than this makes the server not ready. */
  readonly overdueMs: number;
}

export const defaultLimits: ApiLimits = {
  requestMs: 30_000,
  callBurst: 300,
  callsPerSecond: 100,
  attemptBurst: 10,
  attemptsPerMinute: 10,
  maxStreams: 500,
  maxStreamsPerAccount: 25,
  streamBufferBytes: 1024 * 1024,
  heartbeatMs: 15_000,
  recheckMs: 30_000,
  overdueMs: 60_000,
};

import type { ChangeAction, ChangeClass } from "#core/catalog/scope.ts";
import type { VerdictId } from "#core/id.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import type { GateResult, TokenRefusal } from "#core/release/gate.ts";
import type { Result } from "#core/result.ts";
import type { Call } from "#usecases/operations.ts";
import type { DeploymentRecord } from "#usecases/records.ts";
import type { GateCallback, GateRecord, Violation } from "#usecases/release/gate-records.ts";

/** A gate as it stands: its deployment says how far it is, its verdict why. */
export interface GateView {
  readonly gate: GateRecord;
  readonly deployment: DeploymentRecord;
  readonly verdict: Verdict | null;
}

export interface IssuedToken {
  readonly text: string;
  readonly expiresAt: Temporal.Instant;
  /** Digest over everything that it is bound to. */
  readonly binding: string;
}

export interface AskedGate {
  readonly view: GateView;
  /** null: not allowed now. */
  readonly token: IssuedToken | null;
}

export interface AskGateInput {
  readonly service: string;
  /** Exactly one of the two: a version, or the digest of one that is registered. */
  readonly version: string | null;
  readonly digest: string | null;
  readonly environment: string;
  readonly class: ChangeClass;
  readonly action: ChangeAction;
  readonly whenDenied: "end" | "park";
  readonly externalRun: string | null;
  readonly externalUrl: string | null;
  /**
   * A run asks one gate for each service and environment; another key in it is another gate of its own. The same question
   * of the same account is one gate.
   */
  readonly key: string | null;
  /**
   * What a question means whose gate has started or ended: `show` it as it is, or `ask-anew` because the run begins again
   * (a job that is run once more keeps the id of its run).
   */
  readonly whenOver: "show" | "ask-anew";
  readonly callbackUrl: string | null;
  readonly github?: Extract<GateCallback, { readonly kind: "github" }> | undefined;
}

export interface Redeemed {
  readonly view: GateView;
  /** Text of the lease: shown once, to whoever hands out credentials. */
  readonly lease: string;
  readonly fence: number;
  readonly expiresAt: Temporal.Instant;
}

/** Why a token was not redeemed: one of its own reasons, or what the verdict says now. */
export type RedeemRefusal =
  | { readonly code: "no-such-gate" }
  | { readonly code: TokenRefusal | "wrong-target" | "content-changed"; readonly reason: string }
  | { readonly code: "not-allowed"; readonly reason: string; readonly verdict: VerdictId | null };

/** What the holder of a lease may do, for a broker of credentials. */
export interface LeaseView {
  readonly gate: string;
  readonly service: string;
  readonly version: string;
  readonly digest: string;
  readonly environment: string;
  readonly action: ChangeAction;
  readonly fence: number;
  readonly expiresAt: Temporal.Instant;
}

export interface GateQuery {
  readonly state: "open" | "ended" | null;
  readonly environment: string | null;
  readonly limit: number;
  readonly cursor: string | null;
}

type NotFound = "no-such-gate";

/** The gate protocol, bound in `main`. */
export interface GateOperations {
  readonly ask: (
    input: AskGateInput,
    call: Call,
  ) => Promise<
    Result<
      AskedGate,
      | "no-such-service"
      | "no-such-environment"
      | "no-such-artifact"
      | "already-open"
      | "already-live"
      | "may-not-roll-back"
      | "not-the-way-back"
      | "not-a-restart"
      | "no-such-callback"
      | "key-conflict"
    >
  >;
  readonly show: (id: string) => Promise<GateView | null>;
  readonly list: (query: GateQuery) => Promise<{ readonly items: readonly GateView[]; readonly next: string | null }>;
  /** Judges again and issues a token when allowed; every token before is void. */
  readonly claim: (
    id: string,
    call: Call,
  ) => Promise<Result<AskedGate, NotFound | "not-your-gate" | "already-ended" | "token-used">>;
  readonly redeem: (
    input: {
      readonly id: string;
      readonly token: string;
      readonly service: string;
      readonly digest: string;
      readonly environment: string;
      readonly action: ChangeAction;
    },
    call: Call,
  ) => Promise<Result<Redeemed, RedeemRefusal>>;
  readonly report: (
    input: { readonly id: string; readonly lease: string; readonly result: GateResult },
    call: Call,
  ) => Promise<Result<GateView, NotFound | "bad-lease" | "not-started" | "other-result">>;
  readonly cancel: (
    input: { readonly id: string; readonly reason: string },
    call: Call,
  ) => Promise<Result<GateView, NotFound | "not-your-gate" | "already-ended" | "already-started">>;
  /** null: no lease of ours, or one that has ended. */
  readonly checkLease: (lease: string) => Promise<LeaseView | null>;
  readonly listViolations: (query: {
    readonly state: "open" | "all";
    readonly limit: number;
    readonly cursor: string | null;
  }) => Promise<{ readonly items: readonly Violation[]; readonly next: string | null }>;
}

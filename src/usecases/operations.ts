import type { DeploymentId } from "#core/id.ts";
import type { Subject } from "#core/policy/facts.ts";
import type { Outline } from "#core/policy/outline.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import type { Span } from "#core/span.ts";
import type { Risk } from "#core/calendar/advice/risk.ts";
import type { ChangeClass } from "#core/catalog/scope.ts";
import type { Result } from "#core/result.ts";
import type {
  AcceptRefusal,
  Advice,
  AdviceQuestion,
  Negotiation,
  ProfileRefusal,
  ProposeRefusal,
  WithdrawRefusal,
} from "#usecases/calendar/advice-types.ts";
import type {
  CoverAnswer,
  CoverChange,
  CoverQuestion,
  RotaImportInput,
  SwapInput,
  UnknownName,
} from "#usecases/calendar/cover-types.ts";
import type { Actor } from "#usecases/records.ts";

/** The stretches of all rules with the openings of the verdict. */
export interface VerdictOutline extends Outline {
  readonly openings: readonly Span[];
}

/** The verbs of the product, bound in `main/compose`: what the API calls. One file per verb implements each. */
export interface Operations extends CalendarOperations {
  readonly requestDeployment: (
    input: {
      readonly service: string;
      readonly version: string;
      readonly environment: string;
      readonly class: ChangeClass;
      readonly whenBlocked: "wait" | "fail";
      readonly risk?: Risk | undefined;
      readonly hasRollbackPlan?: boolean | undefined;
    },
    call: Call,
  ) => Promise<
    Result<
      DeploymentId,
      "no-such-service" | "no-such-environment" | "no-such-artifact" | "already-open" | "already-live"
    >
  >;
  readonly abortDeployment: (
    input: { readonly id: DeploymentId; readonly reason: string },
    call: Call,
  ) => Promise<Result<DeploymentId, "no-such-deployment" | "already-ended">>;
  readonly decideHeld: (
    input: { readonly id: DeploymentId; readonly decision: "go-on" | "go-back"; readonly reason: string },
    call: Call,
  ) => Promise<
    Result<DeploymentId, "no-such-deployment" | "already-ended" | "not-held" | "not-decider" | "cannot-go-back">
  >;
  readonly rollBackDeployment: (
    input: { readonly id: DeploymentId; readonly reason: string },
    call: Call,
  ) => Promise<
    Result<DeploymentId, "no-such-deployment" | "nothing-to-roll-back-to" | "not-live" | "still-open" | "already-open">
  >;
  readonly decideApproval: (
    input: {
      readonly id: DeploymentId;
      readonly decision: "approved" | "rejected";
      readonly reason: string | null;
      readonly contentDigest: string;
      /** Freezes, by name, in spite of which it is approved; empty: the content alone. */
      readonly despite: readonly string[];
    },
    call: Call,
  ) => Promise<
    Result<
      DeploymentId,
      | "no-such-deployment"
      | "already-ended"
      | "content-changed"
      | "already-decided"
      | "own-request"
      | "own-work"
      | "not-entitled"
      | "reason-required"
      | "no-such-freeze"
      | "freeze-not-passable"
    >
  >;
  readonly askVerdict: (
    input: { readonly subject: Subject; readonly at: Temporal.Instant | null },
    call: Call,
  ) => Promise<Verdict>;
  readonly outlineVerdict: (input: {
    readonly subject: Subject;
    readonly at: Temporal.Instant | null;
    readonly to: Temporal.Instant | null;
  }) => Promise<Result<VerdictOutline, "empty-span">>;
  readonly registerArtifact: (
    input: {
      readonly service: string;
      readonly version: string;
      readonly digest: string;
      readonly author: string | null;
    },
    call: Call,
  ) => Promise<Result<"registered" | "known", "no-such-service" | "version-is-immutable">>;
  readonly applyConfiguration: (
    input: {
      readonly files: readonly { readonly path: string; readonly text: string }[];
      readonly mode: "apply" | "dry-run";
    },
    call: Call,
  ) => Promise<
    Result<
      ConfigurationOutcome,
      { readonly code: "invalid-configuration"; readonly problems: readonly ConfigurationProblem[] }
    >
  >;
}

export interface CalendarOperations {
  readonly adviseSlots: (
    question: AdviceQuestion,
    call: Call,
  ) => Promise<Result<Advice, "no-such-service" | "no-such-environment">>;
  /** `text`: State documents with `loadProfiles`, as YAML or JSON. */
  readonly recordLoadProfiles: (
    input: { readonly text: string },
    call: Call,
  ) => Promise<Result<{ readonly recorded: number }, ProfileRefusal>>;
  readonly readSlots: (
    input: { readonly id: DeploymentId },
    call: Call,
  ) => Promise<Result<Negotiation, "no-such-deployment">>;
  readonly proposeSlot: (
    input: { readonly id: DeploymentId; readonly from: Temporal.Instant; readonly reason: string },
    call: Call,
  ) => Promise<Result<Negotiation, ProposeRefusal>>;
  readonly acceptSlot: (
    input: { readonly id: DeploymentId; readonly proposal: string; readonly reason: string | null },
    call: Call,
  ) => Promise<Result<Negotiation, AcceptRefusal>>;
  readonly withdrawSlot: (
    input: { readonly id: DeploymentId; readonly proposal: string; readonly reason: string },
    call: Call,
  ) => Promise<Result<Negotiation, WithdrawRefusal>>;
  readonly askCover: (
    question: CoverQuestion,
    call: Call,
  ) => Promise<Result<CoverAnswer, "no-such-service" | "no-such-environment">>;
  readonly importRota: (input: RotaImportInput, call: Call) => Promise<Result<CoverChange, UnknownName>>;
  readonly swapShift: (input: SwapInput, call: Call) => Promise<Result<CoverChange, UnknownName>>;
  readonly withdrawSwap: (
    input: { readonly id: string; readonly reason: string },
    call: Call,
  ) => Promise<Result<CoverChange, "no-such-swap">>;
}

/** What every call carries. */
export interface Call {
  readonly actor: Actor;
  readonly requestId: string;
  /**
   * Key under which the caller repeats this very request. The store keeps it with what it made, in the same
   * transaction: a repetition finds it even when the process died before it could answer (semantics §6.3).
   */
  readonly key?: string | null;
}

export interface ConfigurationOutcome {
  readonly applied: boolean;
  readonly revision: number | null;
  readonly changes: readonly {
    readonly kind: string;
    readonly name: string;
    readonly change: "added" | "changed" | "removed";
    readonly fields: readonly { readonly path: string; readonly before: unknown; readonly after: unknown }[];
  }[];
}

/** One thing that is wrong in a configuration, with its place; see `config/source`. */
export interface ConfigurationProblem {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly excerpt: string;
}

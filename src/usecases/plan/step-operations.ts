import type { Result } from "#core/result.ts";
import type { Part } from "#core/plan/plan.ts";
import type { Call } from "#usecases/operations.ts";
import type { GivenFile, RunView } from "#usecases/plan/plan-operations.ts";
import type { FormAnswer } from "#usecases/plan/plan-records.ts";

/** What a person says to a step that asks for somebody. */
export interface GivenAnswer {
  readonly outcome: "done" | "failed";
  readonly note: string;
  readonly form: FormAnswer;
  readonly attachments: readonly GivenFile[];
}

export interface GivenDecision {
  readonly decision: "approved" | "rejected";
  readonly note: string;
  /** Digest of what was shown. */
  readonly contentDigest: string;
}

export interface StepPlace {
  readonly id: string;
  readonly part: Part;
  readonly step: string;
}

export type DecisionRefusal =
  | "no-such-run"
  | "no-such-task"
  | "already-answered"
  | "own-request"
  | "own-work"
  | "own-answer"
  | "not-entitled"
  | "content-changed"
  | "already-decided"
  | "not-signed";

export interface Proof {
  readonly account: string;
  /** Id of the token that was shown. */
  readonly token: string;
}

export interface GivenSignature {
  /** Shown once; used once, for exactly this answer to this step. */
  readonly text: string;
  readonly digest: string;
  readonly expiresAt: Temporal.Instant;
}

export interface Message {
  readonly run: string;
  readonly at: Temporal.Instant;
  readonly text: string;
}

/** Decisions on steps, signatures and files, bound in `main`. */
export interface StepOperations {
  readonly decideStep: (
    input: StepPlace & GivenDecision & { readonly signature: string | null },
    call: Call,
  ) => Promise<Result<RunView, DecisionRefusal>>;
  /** `proof`: the caller has just shown who they are. */
  readonly signStep: (
    input: StepPlace & { readonly signs: GivenAnswer | GivenDecision; readonly proof: Proof },
    call: Call,
  ) => Promise<Result<GivenSignature, "no-such-run" | "no-such-task" | "already-answered" | "bad-answer">>;
  /** What runs have told a person, newest first. */
  readonly listMessages: (
    person: string,
    page: { readonly limit: number; readonly cursor: string | null },
  ) => Promise<{ readonly items: readonly Message[]; readonly next: string | null }>;
  readonly readFile: (
    id: string,
    digest: string,
  ) => Promise<{ readonly name: string; readonly content: Uint8Array } | null>;
}

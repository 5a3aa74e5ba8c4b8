import type { RotaSources } from "#core/calendar/cover/team-cover.ts";
import type { StepDecision } from "#core/plan/consent.ts";
import type { Part } from "#core/plan/plan.ts";
import type { StepKey } from "#usecases/plan/plan-records.ts";

/** A decision with the step that asked for it. */
export interface KeptDecision extends StepDecision {
  readonly part: Part;
  readonly step: string;
}

/** A file that came with an answer; its content is read by itself. */
export interface KeptFile {
  readonly part: Part;
  readonly step: string;
  readonly fileName: string;
  /** `sha256:…` over the content. */
  readonly digest: string;
  readonly bytes: number;
  readonly person: string;
  readonly at: Temporal.Instant;
}

export interface NewMessage {
  readonly key: string;
  readonly run: string;
  readonly at: Temporal.Instant;
  readonly text: string;
}

export interface NewFile {
  readonly fileName: string;
  readonly digest: string;
  readonly content: Uint8Array;
}

/** Proof that somebody has shown once more who they are, for one answer. */
export interface StoredSignature {
  readonly id: string;
  readonly secretHash: string;
  readonly person: string;
  readonly account: string;
  /** Token that was shown. */
  readonly token: string;
  readonly step: StepKey;
  /** Over the answer that it signs. */
  readonly digest: string;
  readonly createdAt: Temporal.Instant;
  readonly expiresAt: Temporal.Instant;
  readonly usedAt: Temporal.Instant | null;
}

/** What steps keep beside their state, in one transaction. */
export interface StepStore {
  readonly decisions: {
    /** False when this person has decided on this content before. */
    readonly insert: (step: StepKey, decision: StepDecision, signature: string | null) => Promise<boolean>;
    readonly ofRun: (run: string) => Promise<readonly KeptDecision[]>;
    /** Persons who brought a version of a runbook into force. */
    readonly authorsOf: (runbook: string, version: string) => Promise<readonly string[]>;
  };
  readonly files: {
    readonly insert: (step: StepKey, file: NewFile, person: string, at: Temporal.Instant) => Promise<void>;
    readonly ofRun: (run: string) => Promise<readonly KeptFile[]>;
    readonly content: (
      run: string,
      digest: string,
    ) => Promise<{ readonly name: string; readonly content: Uint8Array } | null>;
  };
  readonly messages: {
    /** For each person once per key. */
    readonly insert: (message: NewMessage, persons: readonly string[]) => Promise<number>;
    readonly rotasOf: (teams: readonly string[], at: Temporal.Instant) => Promise<Omit<RotaSources, "declared">>;
  };
  readonly signatures: {
    /** Forgets what this person let go by. */
    readonly insert: (signature: Omit<StoredSignature, "usedAt">) => Promise<void>;
    /** Locked for this transaction. */
    readonly find: (id: string) => Promise<StoredSignature | null>;
    readonly use: (id: string, at: Temporal.Instant) => Promise<void>;
  };
}

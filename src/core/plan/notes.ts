/** What a step keeps about itself while it is under way, and afterwards. Survives JSON; instants are ISO 8601 text. */
export interface StepNotes {
  /** Absent: it waits for nothing that it could name. */
  readonly waits?: Waits;
  /** Digest of what people are asked to consent to, or have consented to. */
  readonly content?: string;
  /** What was found out before anything is touched. */
  readonly checks?: readonly CheckFinding[];
  /** What somebody has answered of a checklist whose other half is being looked at. */
  readonly answered?: { readonly by: string; readonly form: Readonly<Record<string, string | number | boolean>> };
}

/** One item of a checklist; unknown is no go. */
export interface CheckFinding {
  readonly check: "connectivity" | "certificate" | "health" | "drift" | "report" | "item";
  /** What it is about, for a person. */
  readonly subject: string;
  readonly outcome: "pass" | "fail" | "unknown";
  readonly sentence: string;
  /** When it was seen or reported; null: never. */
  readonly at: string | null;
}

/** Why a step waits. */
export interface Waits {
  /** One sentence for each thing in the way. */
  readonly because: readonly string[];
  /** When it goes on by itself; null: nobody knows, or somebody has to do something. */
  readonly until: string | null;
  /** How long it has to stay open from then on, in seconds. */
  readonly needsSeconds: number;
}

/** What a step depends on: a change of a fact about it makes the step due at once. */
export interface Watch {
  readonly environment: string;
  readonly services: readonly string[];
  readonly digests: readonly string[];
}

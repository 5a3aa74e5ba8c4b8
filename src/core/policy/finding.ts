/**
 * What one rule says at one instant.
 * pass / not-applicable: nothing in the way · wait: allowed by itself at a known instant · hold: an outside
 * condition must clear · deny: somebody must change or approve something · unknown: a fact is missing; never a pass.
 */
export const outcomes = ["pass", "not-applicable", "wait", "hold", "deny", "unknown"] as const;
export type Outcome = (typeof outcomes)[number];

export type Judgement =
  | {
      readonly outcome: "pass" | "not-applicable";
      readonly code: string;
      readonly sentence: string;
      readonly evidence?: readonly Evidence[];
    }
  | {
      readonly outcome: "wait" | "hold" | "deny" | "unknown";
      /** Stable; has a page in docs/rules. */
      readonly code: string;
      /** One sentence for a person, in the words of the glossary. */
      readonly sentence: string;
      readonly evidence?: readonly Evidence[];
      readonly remedies: readonly Remedy[];
      /**
       * What stops, one by one, where a rule judges several things: each may be let through by itself. Absent: the
       * judgement stops as a whole.
       */
      readonly parts?: readonly StoppingPart[];
    };

export interface StoppingPart {
  /** What of all that the rule judges: `load-test`. */
  readonly subject: string;
  readonly code: string;
  /** A part of a sentence: `coverage is 78, below 80`. */
  readonly said: string;
  /** Those of the judgement that concern this part. */
  readonly remedies: readonly Remedy[];
}

export interface Evidence {
  readonly kind: string;
  readonly ref: string;
  readonly text: string;
}

export const remedyKinds = [
  "wait",
  "approve",
  "free-lock",
  "deploy",
  "register",
  "change",
  "supply-evidence",
  "clear-signal",
] as const;
export type RemedyKind = (typeof remedyKinds)[number];

/**
 * The one code that says "open, but what is left is shorter than the run needs": no start, and yet part of the opening.
 */
export const doesNotFit = "does-not-fit";

/**
 * Who can do what so that the rule passes. In one finding the rule passes when *all* remedies other than `wait` are
 * done, or when the instant of a `wait` has come.
 */
export interface Remedy {
  readonly kind: RemedyKind;
  /** Person, team, role or system that can act. */
  readonly who: string;
  /** Imperative: what to do. */
  readonly what: string;
}

/** A judgement with its rule, as it is stored, shown and sent. */
export interface Finding {
  readonly rule: string;
  readonly ruleVersion: string;
  readonly outcome: Outcome;
  readonly code: string;
  readonly sentence: string;
  /** Next instant at which this rule alone passes; null when it passes now or when no instant is known. */
  readonly until: Temporal.Instant | null;
  readonly evidence: readonly Evidence[];
  readonly remedies: readonly Remedy[];
}

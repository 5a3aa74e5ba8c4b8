import type { Subject } from "#core/policy/facts.ts";
import type { Finding, Remedy } from "#core/policy/finding.ts";
import type { Span } from "#core/span.ts";

export const decisions = ["allow", "wait", "hold", "deny"] as const;
export type Decision = (typeof decisions)[number];

/** All findings together (semantics §3). Equal facts give an equal verdict, byte for byte. */
export interface Verdict {
  readonly decision: Decision;
  readonly at: Temporal.Instant;
  readonly subject: Subject;
  /** One finding per rule, in the order of the registry. All rules run. */
  readonly findings: readonly Finding[];
  /** First instant from which all rules pass together for as long as the run needs; null when none is known. */
  readonly nextOpening: Temporal.Instant | null;
  /** The joint openings within the horizon, at most `maxOpenings`. */
  readonly openings: readonly Span[];
  /**
   * Why it does not open when the findings by themselves would pass: what is in the way at that instant. Absent: it
   * does, or they never pass.
   */
  readonly detour?: Detour;
  /** IANA name of the environment's zone, for local times; absent: not known. */
  readonly zone?: string;
  readonly counterfactuals: readonly Counterfactual[];
  /** `sha256:…` over the canonical form of the facts, the rule versions and the zone data. */
  readonly factsDigest: string;
  /** Version of the zone data the verdict was computed with. */
  readonly zoneData: string;
}

/** What of a verdict people are told: the decision, when it opens, and which findings stop it. */
export interface Glance extends Pick<Verdict, "decision" | "nextOpening"> {
  readonly findings: readonly Pick<Finding, "rule" | "outcome" | "code">[];
}

export interface Detour {
  /** When the last of the findings in the way would pass. */
  readonly at: Temporal.Instant;
  /** What then does not. */
  readonly rule: string;
  readonly sentence: string;
}

/** A minimal set of remedies after which the verdict would be `allow`, and when it would open. */
export interface Counterfactual {
  readonly remedies: readonly { readonly rule: string; readonly remedy: Remedy }[];
  readonly opensAt: Temporal.Instant | null;
}

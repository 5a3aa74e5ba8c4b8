/** What a probe came to. `inconclusive` is never a pass: whoever could not look has proven nothing. */
export interface ProbeOutcome {
  readonly outcome: "proven" | "failed" | "inconclusive";
  /** One sentence. */
  readonly detail: string;
  /** What was seen, as it was seen, without secrets. */
  readonly facts: Readonly<Record<string, string>>;
}

export function said(outcome: ProbeOutcome["outcome"], detail: string, facts: ProbeOutcome["facts"]): ProbeOutcome {
  return { outcome, detail, facts };
}

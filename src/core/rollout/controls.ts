/** A security control at a target, as its probe found it. */
export interface ControlFinding {
  readonly name: string;
  /** What is asked for when it is not proven. */
  readonly onFailure: "roll-back" | "hold";
  /** `inconclusive`: it could not be looked at, which is no pass. */
  readonly outcome: "proven" | "failed" | "inconclusive";
  readonly detail: string;
}

export interface ControlsAnswer {
  /** `none`: the target names no controls for this point. */
  readonly kind: "none" | "proven" | "hold" | "roll-back";
  readonly sentence: string;
}

/** What follows from the controls of a point: the strictest wish of those that are not proven. */
export function answerOfControls(controls: readonly ControlFinding[]): ControlsAnswer {
  if (controls.length === 0) return { kind: "none", sentence: "" };
  const open = controls.filter(({ outcome }) => outcome !== "proven");
  if (open.length === 0) {
    const names = controls.map(({ name }) => name).join(", ");
    return { kind: "proven", sentence: `Security controls are proven: ${names}.` };
  }
  const said = open.map(({ name, outcome, detail }) => `${name} ${words[outcome]}: ${detail}`).join(" ");
  const kind = open.some(({ onFailure }) => onFailure === "roll-back") ? "roll-back" : "hold";
  return { kind, sentence: `Security controls are not proven: ${said}` };
}

const words = { proven: "is proven", failed: "failed", inconclusive: "could not be looked at" } as const;

/** Of the evidence that is kept on the digest: a failure is one, and what nobody could look at is not enough. */
export function evidenceOutcome(controls: readonly ControlFinding[]): "pass" | "fail" | "not-enough" {
  if (controls.some(({ outcome }) => outcome === "failed")) return "fail";
  return controls.every(({ outcome }) => outcome === "proven") ? "pass" : "not-enough";
}

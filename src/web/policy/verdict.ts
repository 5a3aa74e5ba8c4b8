import type { z } from "zod";
import type { finding, verdict } from "#contract/verdict.ts";
import type { Tone } from "#web/release/deployment.ts";
import { relative } from "#web/ui/time.ts";

export type Verdict = z.infer<typeof verdict>;
export type Finding = z.infer<typeof finding>;
export type FindingIcon = "check" | "minus" | "clock" | "hold" | "cross" | "question";

export interface FindingLook {
  readonly label: string;
  readonly tone: Tone;
  readonly icon: FindingIcon;
}

const looks: Readonly<Record<Finding["outcome"], FindingLook>> = {
  deny: { label: "Deny", tone: "bad", icon: "cross" },
  unknown: { label: "Unknown", tone: "bad", icon: "question" },
  hold: { label: "Hold", tone: "back", icon: "hold" },
  wait: { label: "Wait", tone: "wait", icon: "clock" },
  pass: { label: "Pass", tone: "good", icon: "check" },
  "not-applicable": { label: "Not applicable", tone: "rest", icon: "minus" },
};

export function findingLook(outcome: Finding["outcome"]): FindingLook {
  return looks[outcome];
}

/** What stands in the way first, in the order of strength; what passes after that. Order within an outcome is kept. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const strength = Object.keys(looks);
  return findings.toSorted((left, right) => strength.indexOf(left.outcome) - strength.indexOf(right.outcome));
}

export function isInTheWay(one: Finding): boolean {
  return one.outcome !== "pass" && one.outcome !== "not-applicable";
}

export interface VerdictLook {
  readonly label: string;
  readonly tone: Tone;
  readonly icon: FindingIcon;
  /** One line under the label: how many findings stand in the way, and when it opens. */
  readonly summary: string;
}

const decisions: Readonly<Record<Verdict["verdict"], Omit<VerdictLook, "summary">>> = {
  allow: { label: "Allowed", tone: "good", icon: "check" },
  wait: { label: "Must wait", tone: "wait", icon: "clock" },
  hold: { label: "On hold", tone: "back", icon: "hold" },
  deny: { label: "Denied", tone: "bad", icon: "cross" },
};

/** The verdict in words. It repeats what the server decided and decides nothing. */
export function verdictLook(given: Verdict, now: Temporal.Instant): VerdictLook {
  const count = given.findings.filter(isInTheWay).length;
  const inTheWay =
    count === 0 ? `all ${given.findings.length} rules pass` : `${count} of ${given.findings.length} rules in the way`;
  const opening =
    given.verdict === "allow"
      ? ""
      : given.nextOpening === null
        ? "; no opening is known yet"
        : `; opens ${relative(Temporal.Instant.from(given.nextOpening), now)}`;
  return { ...decisions[given.verdict], summary: `${inTheWay}${opening}` };
}

/** Findings that fold away: those that pass and those that do not apply. */
export function quietSummary(findings: readonly Finding[]): string {
  const passing = findings.filter((one) => one.outcome === "pass").length;
  const silent = findings.filter((one) => one.outcome === "not-applicable").length;
  return [passing > 0 ? `${passing} pass` : "", silent > 0 ? `${silent} not applicable` : ""]
    .filter(Boolean)
    .join(", ");
}

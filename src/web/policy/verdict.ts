import type { z } from "zod";
import type { finding, verdict } from "#contract/verdict.ts";
import type { Tone } from "#web/release/deployment.ts";
import { opensText } from "#web/ui/time.ts";

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
        ? "; waiting alone does not open it"
        : `; ${opensText(Temporal.Instant.from(given.nextOpening), now)}`;
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

export interface FindingGroup {
  readonly title: string;
  readonly findings: readonly Finding[];
}

/** What somebody has to change before what time alone will open; what passes is not among them. */
export function groupsOf(findings: readonly Finding[]): readonly FindingGroup[] {
  const inTheWay = inOrder(findings).filter(isInTheWay);
  const groups = [
    { title: "What stops it", findings: inTheWay.filter(({ outcome }) => outcome !== "wait") },
    { title: "What it waits for", findings: inTheWay.filter(({ outcome }) => outcome === "wait") },
  ];
  return groups.filter((group) => group.findings.length > 0);
}

type Way = Verdict["counterfactuals"][number];

/** Ways out by the time they open, then by the number of deeds; those without a known opening come last. */
export function waysOut(verdict: Verdict): readonly Way[] {
  const at = ({ opensAt }: Way): number =>
    opensAt === null ? Number.POSITIVE_INFINITY : Temporal.Instant.from(opensAt).epochMilliseconds;
  return verdict.counterfactuals.toSorted((left, right) =>
    at(left) === at(right) ? left.steps.length - right.steps.length : at(left) - at(right),
  );
}

/** The steps of a way that somebody takes; waiting is the time at which it opens. */
export function deedsOf({ steps }: Way): Way["steps"] {
  return steps.filter(({ kind }) => kind !== "wait");
}

/** A remedy without an actor: waiting is what happens when nobody does anything. */
export function isWaiting({ kind }: { readonly kind: string }): boolean {
  return kind === "wait";
}

export interface FindingChange {
  readonly rule: string;
  /** null: the rule did not judge there. */
  readonly before: Finding | null;
  readonly after: Finding | null;
}

/** The rules that say something else in the second verdict: another outcome or another code. */
export function changesBetween(before: Verdict, after: Verdict): readonly FindingChange[] {
  const known = new Map(before.findings.map((one) => [one.rule, one]));
  const changes: FindingChange[] = [];
  for (const one of after.findings) {
    const old = known.get(one.rule) ?? null;
    known.delete(one.rule);
    if (old?.outcome !== one.outcome || old.code !== one.code)
      changes.push({ rule: one.rule, before: old, after: one });
  }
  for (const [rule, old] of known) changes.push({ rule, before: old, after: null });
  return changes;
}

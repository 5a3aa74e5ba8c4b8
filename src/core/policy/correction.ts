import type { Finding } from "#core/policy/finding.ts";
import type { Decision, Glance, Verdict } from "#core/policy/verdict.ts";
import { compareInstants } from "#core/span.ts";

/** What somebody was told about work of his and what holds instead (semantics §8). */
export interface Correction {
  readonly was: Told;
  readonly is: Told;
  /** Rules that stop the work at the opening that was promised, else those whose answer is another one. */
  readonly because: readonly { readonly rule: string; readonly sentence: string }[];
}

/** The part of a verdict that people act upon. */
export interface Told {
  readonly decision: Decision;
  readonly opensAt: Temporal.Instant | null;
}

/** What has to be known of the earlier verdict. */
export type Earlier = Glance;

/**
 * Null when the later verdict keeps what the earlier one said: the same decision with the same opening, or a wait that
 * ended when it was said to end. Who was told that only somebody's act helps is told when another act is asked for.
 * `judgeAt` judges the facts of the later verdict at another instant.
 */
export function correctionOf(
  before: Earlier,
  after: Verdict,
  judgeAt: (instant: Temporal.Instant) => Verdict,
): Correction | null {
  if (keeps(before, after)) return null;
  const promised = before.nextOpening;
  const stopping =
    promised === null || isReached(promised, after.at) ? [] : judgeAt(promised).findings.filter(isInTheWay);
  const known = new Map(before.findings.map((finding) => [finding.rule, finding]));
  const others = after.findings.filter((finding) => isOther(known.get(finding.rule), finding));
  const because = (stopping.length > 0 ? stopping : others).map(({ rule, sentence }) => ({ rule, sentence }));
  return { was: toldBy(before), is: toldBy(after), because };
}

/**
 * What people were told, in short. Where two verdicts have the same text the later one keeps what the earlier one said;
 * where they differ it may all the same (`correctionOf`).
 */
export function toldText(verdict: Earlier): string {
  const { decision, nextOpening } = verdict;
  const why = decision === "hold" || decision === "deny" ? ` ${reasons(verdict)}` : "";
  return `${decision} ${nextOpening?.toString() ?? "never"}${why}`;
}

function isInTheWay({ outcome }: Finding): boolean {
  return outcome !== "pass" && outcome !== "not-applicable";
}

function toldBy({ decision, nextOpening }: Earlier): Told {
  return { decision, opensAt: nextOpening };
}

function keeps(before: Earlier, after: Verdict): boolean {
  if (before.decision === "wait" && after.decision === "allow") return isReached(before.nextOpening, after.at);
  if (before.decision !== after.decision) return false;
  switch (before.decision) {
    case "allow":
      return true;
    case "wait":
      return isSame(before.nextOpening, after.nextOpening);
    case "hold":
    case "deny":
      return isSame(before.nextOpening, after.nextOpening) && reasons(before) === reasons(after);
  }
}

function isReached(instant: Temporal.Instant | null, at: Temporal.Instant): boolean {
  return instant !== null && compareInstants(instant, at) <= 0;
}

function isSame(a: Temporal.Instant | null, b: Temporal.Instant | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

/** Waiting is nobody's act, so a wait that comes or goes beside a refusal changes nothing for those concerned. */
function reasons({ findings }: Earlier): string {
  return findings
    .filter(({ outcome }) => outcome === "hold" || outcome === "deny" || outcome === "unknown")
    .map(({ rule, code }) => `${rule}:${code}`)
    .join(" ");
}

function isOther(before: Earlier["findings"][number] | undefined, after: Finding): boolean {
  return before === undefined || before.outcome !== after.outcome || before.code !== after.code;
}

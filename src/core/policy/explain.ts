import { sayInstant } from "#core/policy/say.ts";

/** What an explanation needs of a verdict, as it is sent: `VerdictJson` and the wire's verdict both fit. */
export interface ExplainableVerdict {
  readonly verdict: "allow" | "wait" | "hold" | "deny";
  readonly at: string;
  readonly subject: {
    readonly service: string;
    readonly version: string;
    readonly environment: string;
    readonly action: string;
  };
  readonly findings: readonly ExplainableFinding[];
  readonly nextOpening: string | null;
  readonly openings: readonly { readonly from: string; readonly to: string }[];
  readonly detour?: { readonly at: string; readonly rule: string; readonly sentence: string };
  readonly zone?: string;
  readonly counterfactuals: readonly { readonly remedies: readonly string[]; readonly opensAt: string | null }[];
}

interface ExplainableFinding {
  readonly rule: string;
  readonly outcome: string;
  readonly code: string;
  readonly sentence: string;
  readonly remedies: readonly { readonly kind: string; readonly who: string; readonly what: string }[];
}

/** The same words for CLI, UI and messages: plain text, no mark-up. */
export interface Explanation {
  /** One sentence: `cart@1.1.0 may not go to prod-emea now: …` */
  readonly headline: string;
  /** The same without its subject, for where that is said already: `Must wait: …` */
  readonly short: string;
  /** What stands in the way, strongest first, then the rest in the order of the rules. */
  readonly findings: readonly ExplainedFinding[];
  /** The minimal sets of remedies, each with what it brings. */
  readonly waysOut: readonly WayOut[];
  readonly openings: readonly string[];
}

export interface ExplainedFinding {
  readonly rule: string;
  /** `passes`, `does not apply`, `waits`, `holds`, `denies` or `is not known`. */
  readonly says: string;
  readonly sentence: string;
  readonly remedies: readonly string[];
}

export interface WayOut {
  readonly remedies: readonly string[];
  readonly opens: string;
}

const says: Readonly<Record<string, string>> = {
  deny: "denies",
  unknown: "is not known",
  hold: "holds",
  wait: "waits",
  pass: "passes",
  "not-applicable": "does not apply",
};
const strengths = Object.keys(says);

/** `zone` for local times is that of the environment unless another one is given; without any, UTC alone. */
export function explainVerdict(verdict: ExplainableVerdict, zone: string | null = verdict.zone ?? null): Explanation {
  const findings = verdict.findings
    .map((finding, index) => ({ finding, index, rank: rankOf(finding.outcome) }))
    .toSorted((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ finding }) => explainFinding(finding));
  return {
    headline: headlineOf(verdict, zone),
    short: verdict.verdict === "allow" ? "Allowed." : `${decisions[verdict.verdict]}: ${reasonsOf(verdict, zone)}`,
    findings,
    waysOut: verdict.counterfactuals.map(({ remedies, opensAt }) => ({
      remedies,
      opens: sayOpening(opensAt, verdict.at, zone),
    })),
    openings: verdict.openings.map(({ from, to }) => `${say(from, zone)} to ${say(to, zone)}`),
  };
}

/** The explanation as indented lines, for a terminal or a message. */
export function explanationLines({ headline, findings, waysOut, openings }: Explanation): readonly string[] {
  const lines = [headline];
  for (const { rule, says: said, sentence, remedies } of findings) {
    lines.push(`  ${rule} ${said}: ${sentence}`);
    for (const remedy of remedies) lines.push(`      ${remedy}`);
  }
  if (waysOut.length > 0) lines.push("Ways out:");
  for (const { remedies, opens } of waysOut) lines.push(`  ${opens}: ${remedies.join(" + ")}`);
  if (openings.length > 0) lines.push("Openings:");
  for (const opening of openings) lines.push(`  ${opening}`);
  return lines;
}

/** pass and not-applicable stand in the order of the rules. */
function rankOf(outcome: string): number {
  return Math.min(strengths.indexOf(outcome), strengths.indexOf("pass"));
}

function explainFinding({ rule, outcome, sentence, remedies }: ExplainableFinding): ExplainedFinding {
  const said = remedies.map(({ kind, who, what }) => (kind === "wait" ? what : `${who}: ${what}`));
  return { rule, says: says[outcome] ?? outcome, sentence, remedies: said };
}

function headlineOf(verdict: ExplainableVerdict, zone: string | null): string {
  const { service, version, environment, action } = verdict.subject;
  const what = action === "deploy" ? `${service}@${version}` : `${action} of ${service}@${version}`;
  if (verdict.verdict === "allow") return `${what} may go to ${environment} now.`;
  return `${what} may not go to ${environment} now (${verdict.verdict}): ${reasonsOf(verdict, zone)}`;
}

const decisions = { wait: "Must wait", hold: "On hold", deny: "Denied" } as const;

/** What stands in the way, strongest first, and when it opens. */
function reasonsOf(verdict: ExplainableVerdict, zone: string | null): string {
  const reasons = verdict.findings.filter(({ outcome }) => outcome !== "pass" && outcome !== "not-applicable");
  const sentences = reasons
    .toSorted((a, b) => rankOf(a.outcome) - rankOf(b.outcome))
    .map(({ sentence }) => sentence.replace(/\.$/, ""));
  const opening =
    verdict.nextOpening === null ? afterwards(verdict) : ` It opens on ${say(verdict.nextOpening, zone)}.`;
  return `${sentences.join("; ")}.${detourIn(verdict, zone)}${opening}`;
}

/** Why the opening is later than the one that a finding names: what takes that one. */
export function detourIn({ detour }: ExplainableVerdict, zone: string | null): string {
  if (detour === undefined) return "";
  return ` On ${say(detour.at, zone)} it is still closed by ${detour.rule}: ${detour.sentence}`;
}

/** Why no opening is named: what waiting alone will never bring. */
function afterwards({ verdict }: ExplainableVerdict): string {
  return verdict === "wait" || verdict === "hold" ? " When it opens is not known." : " Waiting alone does not open it.";
}

function sayOpening(opensAt: string | null, at: string, zone: string | null): string {
  if (opensAt === null) return "opens at an unknown time";
  return opensAt === at ? "opens now" : `opens on ${say(opensAt, zone)}`;
}

function say(instant: string, zone: string | null): string {
  return sayInstant(Temporal.Instant.from(instant), zone);
}

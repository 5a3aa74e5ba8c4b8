import type { z } from "zod";
import type { verdict } from "#contract/verdict.ts";
import { printable } from "#cli/output.ts";

export type WireVerdict = z.infer<typeof verdict>;

const marks = { pass: "✓", "not-applicable": "–", wait: "⧖", hold: "‖", deny: "✗", unknown: "?" } as const;
/** More openings than this are a list for a machine. */
const openingsShown = 5;

/** The verdict as a tree of text: decision, every finding with its remedies, openings, ways to an allow. */
export function showVerdict(answer: WireVerdict): string {
  const { subject } = answer;
  const lines = [
    `${answer.verdict.toUpperCase()}  ${subject.action} ${subject.service}@${subject.version} → ${subject.environment}  at ${second(answer.at)}`,
  ];
  for (const finding of answer.findings) {
    lines.push(`├─ ${marks[finding.outcome]} ${finding.rule}: ${printable(finding.sentence)}${untilOf(finding)}`);
    for (const remedy of finding.remedies) lines.push(`│    → ${wayOf(remedy)}`);
  }
  if (answer.verdict !== "allow")
    lines.push(
      `├─ next joint opening: ${answer.nextOpening === null ? "none known while the other findings stand" : second(answer.nextOpening)}`,
    );
  else if (answer.openings.length > 0) lines.push("├─ openings:");
  for (const { from, to } of answer.openings.slice(0, openingsShown))
    lines.push(`│    ${second(from)} … ${second(to)}`);
  for (const { steps, opensAt } of answer.counterfactuals) {
    lines.push(`├─ it would be allowed${opensAt === null ? "" : ` from ${second(opensAt)}`} with:`);
    for (const step of steps) lines.push(`│    + ${wayOf(step)}`);
  }
  lines.push(`└─ facts ${answer.factsDigest}  zone data ${answer.zoneData}`);
  return `${lines.join("\n")}\n`;
}

/** Waiting is nobody's work; everything else names who can do it. */
function wayOf({ kind, who, what }: { readonly kind: string; readonly who: string; readonly what: string }): string {
  return kind === "wait" ? printable(what) : `${printable(who)}: ${printable(what)}`;
}

/** The instant at which a finding passes, unless its sentence says it already. */
function untilOf({ sentence, until }: WireVerdict["findings"][number]): string {
  if (until === null) return "";
  const isSaid = sentence.includes(Temporal.Instant.from(until).toString({ smallestUnit: "minute" }));
  return isSaid ? "" : `  (until ${second(until)})`;
}

/** Fractions of a second help nobody who reads; `--output json` has them. */
function second(instant: string): string {
  return Temporal.Instant.from(instant).toString({ smallestUnit: "second" });
}

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
    `${answer.verdict.toUpperCase()}  ${subject.action} ${subject.service}@${subject.version} → ${subject.environment}  at ${answer.at}`,
  ];
  for (const finding of answer.findings) {
    lines.push(
      `├─ ${marks[finding.outcome]} ${finding.rule}: ${printable(finding.sentence)}${finding.until === null ? "" : `  (until ${finding.until})`}`,
    );
    for (const remedy of finding.remedies) lines.push(`│    → ${printable(remedy.who)}: ${printable(remedy.what)}`);
  }
  if (answer.verdict !== "allow")
    lines.push(`├─ next joint opening: ${answer.nextOpening ?? "none known while the other findings stand"}`);
  for (const { from, to } of answer.openings.slice(0, openingsShown)) lines.push(`│    ${from} … ${to}`);
  for (const { remedies, opensAt } of answer.counterfactuals) {
    lines.push(
      `├─ it would be allowed ${opensAt === null ? "" : `from ${opensAt} `}with: ${remedies.map(printable).join(" + ")}`,
    );
  }
  lines.push(`└─ facts ${answer.factsDigest}  zone data ${answer.zoneData}`);
  return `${lines.join("\n")}\n`;
}

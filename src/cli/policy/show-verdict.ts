import type { z } from "zod";
import type { verdict } from "#contract/verdict.ts";
import { printable } from "#cli/output.ts";
import { sayTime } from "#cli/time.ts";

export type WireVerdict = z.infer<typeof verdict>;

const marks = { pass: "✓", "not-applicable": "–", wait: "⧖", hold: "‖", deny: "✗", unknown: "?" } as const;
/** More openings than this are a list for a machine. */
const openingsShown = 5;

/** The verdict as a tree of text: decision, every finding with its remedies, openings, ways to an allow. */
export function showVerdict(answer: WireVerdict): string {
  const { subject, detour } = answer;
  const zone = answer.zone ?? null;
  const lines = [
    `${answer.verdict.toUpperCase()}  ${subject.action} ${subject.service}@${subject.version} → ${subject.environment}  at ${sayTime(answer.at, zone)}`,
  ];
  for (const finding of answer.findings) {
    lines.push(`├─ ${marks[finding.outcome]} ${finding.rule}: ${printable(finding.sentence)}${untilOf(finding, zone)}`);
    for (const remedy of finding.remedies) lines.push(`│    → ${wayOf(remedy)}`);
  }
  if (detour !== undefined)
    lines.push(`├─ closed on ${sayTime(detour.at, zone)} by ${detour.rule}: ${printable(detour.sentence)}`);
  if (answer.verdict !== "allow") lines.push(`├─ next joint opening: ${nextOpeningOf(answer)}`);
  else if (answer.openings.length > 0) lines.push("├─ openings:");
  for (const { from, to } of answer.openings.slice(0, openingsShown))
    lines.push(`│    ${sayTime(from, zone)} … ${sayTime(to, zone)}`);
  for (const { steps, opensAt } of inOrder(answer.counterfactuals)) {
    lines.push(`├─ it would be allowed${opensAt === null ? "" : ` from ${sayTime(opensAt, zone)}`} with:`);
    for (const step of steps) lines.push(`│    + ${wayOf(step)}`);
  }
  lines.push(`└─ facts ${answer.factsDigest}  zone data ${answer.zoneData}`);
  return `${lines.join("\n")}\n`;
}

/** Waiting is nobody's work; everything else names who can do it. */
function wayOf({ kind, who, what }: { readonly kind: string; readonly who: string; readonly what: string }): string {
  return kind === "wait" ? printable(what) : `${printable(who)}: ${printable(what)}`;
}

/** Waiting alone may open nothing; what would is listed below. */
function nextOpeningOf({ nextOpening, counterfactuals, zone }: WireVerdict): string {
  if (nextOpening !== null) return sayTime(nextOpening, zone ?? null);
  const rest = counterfactuals.length === 0 ? "" : "; what would open it stands below";
  return `none by waiting alone${rest}`;
}

/** The earliest first; what opens at an unknown time comes last. */
function inOrder(ways: WireVerdict["counterfactuals"]): WireVerdict["counterfactuals"] {
  const instantOf = (opensAt: string | null): number =>
    opensAt === null ? Number.POSITIVE_INFINITY : Temporal.Instant.from(opensAt).epochMilliseconds;
  return ways.toSorted((a, b) => (instantOf(a.opensAt) < instantOf(b.opensAt) ? -1 : 1));
}

/** The instant at which a finding passes, unless its sentence says it already. */
function untilOf({ sentence, until }: WireVerdict["findings"][number], zone: string | null): string {
  if (until === null) return "";
  const isSaid = sentence.includes(Temporal.Instant.from(until).toString({ smallestUnit: "minute" }));
  return isSaid ? "" : `  (until ${sayTime(until, zone)})`;
}

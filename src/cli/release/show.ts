import type { z } from "zod";
import type { deploymentDetail, deploymentSummary, timelineEvent } from "#contract/release.ts";
import { printable, type Column } from "#cli/output.ts";
import { roughly } from "#cli/time.ts";

export type Summary = z.infer<typeof deploymentSummary>;
export type Detail = z.infer<typeof deploymentDetail>;
export type Event = z.infer<typeof timelineEvent>;

export const deploymentColumns: readonly Column<Summary>[] = [
  { title: "ID", text: ({ id }) => id },
  { title: "SERVICE", text: ({ service, version }) => `${service}@${version}` },
  { title: "ENVIRONMENT", text: ({ environment }) => environment },
  { title: "STATE", text: ({ state }) => state },
  { title: "SHARE", text: ({ percent }) => `${percent} %` },
  { title: "REQUESTED BY", text: ({ requestedBy }) => requestedBy },
  { title: "AGE", text: ({ requestedAt, asOf }) => roughly(Temporal.Instant.from(requestedAt).until(asOf)) },
  { title: "OPENS", text: ({ opensAt }) => opensAt ?? "", wide: true },
  { title: "WHAT", text: ({ headline }) => headline, wide: true },
];

/** A deployment as text: what it is doing and why, then its timeline. */
export function showDeployment(detail: Detail): string {
  const lines = [
    `${detail.service}@${detail.version} → ${detail.environment}   ${detail.state}   ${detail.percent} % of the traffic`,
    printable(detail.headline),
    `id ${detail.id}   content ${detail.contentDigest}   ${formerVersion(detail)}`,
    ...detail.timeline.map(showEvent),
    ...detail.approvals.map(
      ({ person, decision, at, reason, despite = [] }) =>
        `  ${decision}${despite.length === 0 ? "" : ` in spite of the freeze ${despite.join(", ")}`} by ${person} at ${at.replace(/\.\d+Z$/, "Z")}${reason === null ? "" : `: ${printable(reason)}`}`,
    ),
  ];
  const can = detail.actions.filter(({ allowed }) => allowed).map(({ name }) => name);
  if (can.length > 0) lines.push(`you may: ${can.join(", ")}`);
  return `${lines.join("\n")}\n`;
}

function formerVersion({ control, startedAt, endedAt }: Detail): string {
  if (control === null)
    return endedAt === null || startedAt !== null ? "nothing was live there before" : "never started";
  return startedAt === null && endedAt === null ? `live now ${control}` : `former version ${control}`;
}

const marks = { started: "…", done: "✓", failed: "✗", info: "·" } as const;

export function showEvent(event: Event): string {
  return `  ${event.at.slice(11, 19)}Z ${marks[event.phase]} ${printable(event.sentence)}`;
}

import { isOpen, shortId, stateLook, type DeploymentSummary, type StateLook } from "#web/release/deployment.ts";
import { age, opensText } from "#web/ui/time.ts";

/** One line of the list, ready to be drawn. */
export interface DeploymentRow {
  readonly id: string;
  readonly shortId: string;
  readonly service: string;
  readonly version: string;
  readonly control: string | null;
  readonly environment: string;
  /** Named only when it is not the usual one: deploying. */
  readonly action: string | null;
  readonly look: StateLook;
  readonly headline: string;
  readonly percent: number;
  /** `bar` while it moves; afterwards the last share is a plain number; before the start there is none. */
  readonly share: "bar" | "number" | "none";
  readonly age: string;
  readonly requestedAt: string;
  readonly requestedBy: string;
  /** `opens in 3 h 12 min` for waiting work, with the instant for the tooltip; null when nothing is known. */
  readonly opening: { readonly text: string; readonly at: string } | null;
}

export function toRow(deployment: DeploymentSummary, now: Temporal.Instant): DeploymentRow {
  const { opensAt } = deployment;
  return {
    id: deployment.id,
    shortId: shortId(deployment.id),
    service: deployment.service,
    version: deployment.version,
    control: deployment.control,
    environment: deployment.environment,
    action: deployment.action === "deploy" ? null : deployment.action,
    look: stateLook(deployment.state),
    headline: deployment.headline,
    percent: deployment.percent,
    share: deployment.startedAt === null ? "none" : isOpen(deployment.state) ? "bar" : "number",
    age: age(Temporal.Instant.from(deployment.requestedAt), now),
    requestedAt: deployment.requestedAt,
    requestedBy: deployment.requestedBy,
    opening:
      opensAt === null || !isOpen(deployment.state)
        ? null
        : { text: opensText(Temporal.Instant.from(opensAt), now), at: opensAt },
  };
}

/** Names for a filter's list of choices: those that appear in what is shown, and the one that is chosen. */
export function choicesOf(names: readonly string[], chosen: string | undefined): readonly string[] {
  const all = new Set(names);
  if (chosen !== undefined) all.add(chosen);
  return [...all].sort();
}

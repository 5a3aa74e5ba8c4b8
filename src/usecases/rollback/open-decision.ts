import { sayDuration, sayInstant } from "#core/policy/say.ts";
import { expiresAt, nextDueAt, type RollbackDecision } from "#core/rollback/decision.ts";
import { silentPast, type PointOfNoReturn } from "#core/rollback/plan.ts";
import type { DeploymentId } from "#core/id.ts";
import { isOfWith } from "#usecases/rollback/audience.ts";
import type { DeploymentRecord, Records } from "#usecases/records.ts";

export interface DecisionAsked {
  readonly deployment: Pick<DeploymentRecord, "id"> & { readonly subject: { readonly service: string } };
  readonly cause: RollbackDecision["cause"];
  /** What the first alert said, in one sentence. */
  readonly because: string;
  /** The point that it has passed, which says what is done where nobody decides; null: it can go back. */
  readonly noReturn: PointOfNoReturn | null;
}

/**
 * Begins the clock of a decision by the protocol of the service, in the caller's transaction. null: its team has written
 * none. Where one is open already its clock runs on, and this alert is one more line on record.
 */
export async function openDecision(
  deps: { readonly now: () => Temporal.Instant },
  records: Records,
  { deployment, cause, because, noReturn }: DecisionAsked,
): Promise<RollbackDecision | null> {
  const { rollbacks, people } = await records.catalog.inForce();
  const written = rollbacks.get(deployment.subject.service)?.decision ?? null;
  if (written === null) return null;
  const protocol = noReturn === null ? written : { ...written, whenSilent: silentPast(noReturn) };
  const at = deps.now();
  const open = await records.rollbackDecisions.openOf(deployment.id);
  if (open !== null) {
    await decisionLine(records, open, at, `alert at ${at.toString()}`, because);
    return open;
  }
  const decision: RollbackDecision = {
    id: records.rollbackDecisions.newId(),
    deployment: deployment.id,
    cause,
    because,
    openedAt: at,
    protocol,
    statements: [],
    sent: [],
    ended: null,
  };
  await records.rollbackDecisions.open(decision, nextDueAt(decision, isOfWith(people)));
  const deputy = protocol.deputy === null ? "" : ` or ${protocol.deputy}`;
  const sentence = `${because} ${protocol.decider}${deputy} decides until ${sayInstant(expiresAt(decision), null)}, ${sayDuration(protocol.within)} from now; without a decision ${sayOption(cause, protocol.whenSilent)}.`;
  await decisionLine(records, decision, at, "clock begins", sentence);
  return decision;
}

/** What an option does, said of the deployment as `it`. */
export function sayOption(cause: RollbackDecision["cause"], option: "go-back" | "go-on"): string {
  if (option === "go-back") return "it goes back";
  return cause === "held" ? "it goes on" : "it stays live";
}

/** One line of the timeline; a repeated step writes it once. */
export async function decisionLine(
  records: Records,
  { id, deployment }: Pick<RollbackDecision, "id" | "deployment">,
  at: Temporal.Instant,
  name: string,
  sentence: string,
): Promise<void> {
  await records.timeline.append({
    deployment: deploymentOf(deployment),
    at,
    step: "wait",
    name: `decision ${id.slice(-6)}: ${name}`,
    phase: "info",
    sentence,
    detail: { decision: id },
  });
}

/** The row refers to its deployment, so the text is its id. */
export function deploymentOf(id: string): DeploymentId {
  if (!isDeploymentId(id)) throw new Error(`${id} is no deployment`);
  return id;
}

function isDeploymentId(id: string): id is DeploymentId {
  return id.startsWith("dep_");
}

import { can } from "#core/access/can.ts";
import type { Permission } from "#core/access/permission.ts";
import type { DeploymentId } from "#core/id.ts";
import { abortIn } from "#usecases/rollout/abort-deployment.ts";
import { callOf, type Standing, type StepContext } from "#usecases/plan/steps/driver.ts";
import type { RunStep } from "#usecases/plan/plan-records.ts";

/** A deployment tells its step when it has ended; this is how often it is looked at all the same. */
const lookEvery = { seconds: 30 } as const;

/** The next look: soon enough for the time-out, and never more often than the deployment can have moved. */
export function lookLater({ at, deadline }: StepContext): Temporal.Instant {
  const next = at.add(lookEvery);
  return Temporal.Instant.compare(at, deadline) < 0 && Temporal.Instant.compare(next, deadline) > 0 ? deadline : next;
}

/** Where the deployment of a step stands. At the time-out it is aborted, and the step ends when that is done. */
export async function followDeployment(context: StepContext, { deployment }: RunStep): Promise<Standing> {
  const id = deployment;
  const found = id === null ? null : await context.records.deployments.find(id);
  if (id === null || found === null) return { state: "failed", outcome: "Its deployment is not on record." };
  if (found.endedAt !== null) {
    const outcome = `${found.subject.service}@${found.subject.version} ${found.state}: ${found.outcome ?? "no reason on record"}`;
    return { state: found.state === "succeeded" ? "done" : "failed", outcome };
  }
  const isLate = Temporal.Instant.compare(context.at, context.deadline) >= 0;
  if (isLate && found.abortRequestedBy === null) await abort(context, id, "its step was not over in time");
  return { state: "running", lookAt: lookLater(context) };
}

/** The deployment goes back first; the step ends with it. */
export async function cancelDeployment(context: StepContext, step: RunStep): Promise<Standing> {
  if (step.deployment !== null) {
    const found = await context.records.deployments.find(step.deployment);
    if (found?.endedAt === null && found.abortRequestedBy === null) {
      await abort(context, step.deployment, "the run that asked for it turned back");
    }
  }
  return await followDeployment(context, step);
}

async function abort(context: StepContext, id: DeploymentId, reason: string): Promise<void> {
  const { deps, records, run } = context;
  await abortIn(deps, records, { id, reason: `${run.id}: ${reason}` }, { ...callOf(context), key: null });
}

/** Why whoever started the run may not do this any more; null when they may. Rights count when they are used. */
export async function missingRight({ records, run }: StepContext, permission: Permission): Promise<string | null> {
  const { people } = await records.catalog.inForce();
  const person = people.get(run.startedBy);
  if (person === undefined) return `${run.startedBy}, who started this run, is not in the configuration any more.`;
  const answer = can({ person }, permission);
  return answer.allowed ? null : `${run.startedBy}, who started this run, may not do this: ${permission} is missing.`;
}

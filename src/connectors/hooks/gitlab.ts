import { z } from "zod";
import { fits } from "#connectors/hooks/fits.ts";
import { wholeRun, type HookIntent } from "#core/release/hook-intent.ts";
import { ok, type Result } from "#core/result.ts";

const project = z.object({ path_with_namespace: z.string().min(1).max(150) });
const kinded = z.object({ object_kind: z.string() });
const deploymentEvent = z.object({
  status: z.string().max(50),
  deployable_id: z.int().nonnegative(),
  project,
});
const pipelineEvent = z.object({
  object_attributes: z.object({ id: z.int().nonnegative(), status: z.string().max(50) }),
  project,
});

/**
 * Deployment and pipeline events say how a run ended: `gitlab:PROJECT/jobs/JOB` and `gitlab:PROJECT/PIPELINE` are the
 * names of the runs. A pipeline asks its gate itself; an event cannot keep a job back.
 */
export function readGitLab(_event: string, body: unknown): Result<HookIntent, string> {
  const kind = fits(kinded, body);
  if (!kind.ok) return kind;
  if (kind.value.object_kind === "deployment") {
    const read = fits(deploymentEvent, body);
    if (!read.ok) return read;
    const { status, deployable_id: job, project: of } = read.value;
    return ok(intentOf(`gitlab:${of.path_with_namespace}/jobs/${job}`, status));
  }
  if (kind.value.object_kind === "pipeline") {
    const read = fits(pipelineEvent, body);
    if (!read.ok) return read;
    const { object_attributes: pipeline, project: of } = read.value;
    return ok(intentOf(`gitlab:${of.path_with_namespace}/${pipeline.id}`, pipeline.status));
  }
  return ok({ kind: "ignore", sentence: `the event ${kind.value.object_kind.slice(0, 50)} concerns no gate` });
}

function intentOf(run: string, status: string): HookIntent {
  switch (status) {
    case "success":
      return { kind: "result", run, of: wholeRun, result: { outcome: "succeeded", live: null } };
    case "failed":
      return { kind: "result", run, of: wholeRun, result: { outcome: "failed", live: null } };
    case "canceled":
    case "skipped":
      return { kind: "cancel", run, of: wholeRun, reason: `GitLab says ${status}` };
    default:
      return { kind: "ignore", sentence: `the status ${status} is no end` };
  }
}

import type { Snapshot } from "./snapshot.ts";

/** What a commit has changed, and whose it was. */
export interface Change {
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly by: string;
}

export interface Telling {
  readonly say: (line: string) => void;
  readonly notice: (situation: string) => void;
  /** A step was seen to have ended. */
  readonly ended: (step: string) => void;
}

/** Tells what a commit has changed, a line each, and notes the situations that it is. */
export function tell(change: Change, telling: Telling): void {
  tellAnswers(change, telling);
  tellBegins(change, telling);
  tellSteps(change, telling);
  tellEnds(change, telling);
  tellDeployments(change, telling);
}

function tellAnswers({ before, after, by }: Change, { say, notice }: Telling): void {
  const flows = new Map(before.flows.map(({ id, state }) => [id, state]));
  for (const { id, state, output } of after.flows) {
    if (output !== '"late"' || state !== "done" || flows.get(id) === "done") continue;
    say(`${by} the answer for ${id} came too late`);
    notice("late-answer");
  }
}

function tellBegins({ before, after, by }: Change, { say, notice }: Telling): void {
  const runs = new Map(before.runs.map((run) => [run.id, run]));
  for (const run of after.runs) {
    const was = runs.get(run.id);
    if (was === undefined) say(`${by} begins ${run.id} of ${run.runbook}`);
    if (run.turnedAt !== null && (was?.turnedAt ?? null) === null) {
      say(`${by} turns ${run.id} back for ${run.turnedBy}`);
      if (run.turnedBy === "system") notice("run-turned-by-itself");
    }
  }
}

function tellSteps({ before, after, by }: Change, { say, notice, ended }: Telling): void {
  const steps = new Map(before.steps.map((step) => [`${step.run}:${step.part}:${step.name}`, step.state]));
  for (const step of after.steps) {
    const id = `${step.run}:${step.part}:${step.name}`;
    if (steps.get(id) === step.state) continue;
    if (step.endedAt !== null) ended(id);
    say(`${by} ${id} ${step.state}${step.outcome === null ? "" : `: ${step.outcome}`}`);
    if (step.state === "queued") notice("step-queued");
    if (step.state === "cancelled") notice("step-cancelled");
    if (step.outcome?.endsWith("did not answer in time.") === true)
      notice(step.state === "skipped" ? "step-skipped-late" : "task-timed-out");
  }
}

function tellEnds({ before, after, by }: Change, { say, notice }: Telling): void {
  const runs = new Map(before.runs.map((run) => [run.id, run]));
  for (const run of after.runs) {
    if (run.endedAt === null || runs.get(run.id)?.state === run.state) continue;
    say(`${by} ${run.id} ${run.state}: ${run.outcome ?? ""}`);
    notice(`run-${run.state}`);
  }
}

function tellDeployments({ before, after, by }: Change, { say, notice }: Telling): void {
  const deployments = new Map(before.deployments.map(({ id, state }) => [id, state]));
  for (const { id, state, service, version, environment } of after.deployments) {
    if (deployments.get(id) === state) continue;
    say(`${by} ${id} ${service}@${version} to ${environment} ${state}`);
    if (state === "waiting") notice("deployment-waiting");
    if (state === "waiting" && (after.holds.some(({ ended }) => !ended) || after.stops.some(({ ended }) => !ended)))
      notice("hold-in-the-way");
    if (state === "succeeded") notice("deployment-succeeded");
    if (state === "rolled-back" || state === "aborted") notice("deployment-back");
  }
}

import type { z } from "zod";
import type { DeepReadonly } from "#api/handler.ts";
import type { run as wireRun, runStep as wireStep, runSummary as wireSummary } from "#contract/plan.ts";
import type { StepAction } from "#core/plan/action.ts";
import { isGuard, sayGuard } from "#core/plan/guard.ts";
import { parts, stepsOf, type Part, type PlanStep } from "#core/plan/plan.ts";
import type { QueuePlace, RunView } from "#usecases/plan/plan-operations.ts";
import type { PlanRun, RunStep } from "#usecases/plan/plan-records.ts";

type WireStep = DeepReadonly<z.input<typeof wireStep>>;

export function presentRun({ run, steps, queues }: RunView): DeepReadonly<z.input<typeof wireRun>> {
  const begun = new Map(steps.map((step) => [`${step.part}/${step.name}`, step]));
  const planned = parts.flatMap((part) =>
    stepsOf(run.plan, part).map((step) => {
      const key = `${part}/${step.name}`;
      return presentStep(part, step, begun.get(key), queues.get(key) ?? []);
    }),
  );
  return { ...presentSummary(run), steps: planned };
}

export function presentSummary(run: PlanRun): DeepReadonly<z.input<typeof wireSummary>> {
  const { id, runbook, version, reason, owner, startedBy, state, turned, outcome } = run;
  return {
    id,
    runbook,
    version,
    reason,
    owner,
    startedBy,
    state,
    startedAt: run.startedAt.toString(),
    latestRollbackStart: run.turnAt.toString(),
    deadline: run.deadline.toString(),
    turned: turned === null ? null : { ...turned, at: turned.at.toString() },
    endedAt: run.endedAt?.toString() ?? null,
    outcome,
  };
}

function presentStep(part: Part, step: PlanStep, begun: RunStep | undefined, queue: readonly QueuePlace[]): WireStep {
  const { name, after, action, timeoutSeconds: timeout } = step;
  return {
    part,
    name,
    after,
    kind: action.kind,
    does: sayAction(action),
    timeout,
    state: begun?.state ?? "pending",
    begunAt: begun?.begunAt.toString() ?? null,
    deadline: begun?.deadline.toString() ?? null,
    endedAt: begun?.endedAt?.toString() ?? null,
    outcome: begun?.outcome ?? null,
    deployment: begun?.deployment ?? null,
    task: action.kind === "human-task" ? { who: action.who, form: action.form } : null,
    answer: begun?.answer ?? null,
    waits: begun?.notes?.waits ?? null,
    uses: step.uses,
    queue: queue.map(presentPlace),
  };
}

function presentPlace({ holders, expected, ...place }: QueuePlace): WireStep["queue"][number] {
  return {
    ...place,
    holders: holders.map((holder) => ({ ...holder, until: holder.until?.toString() ?? null })),
    expected: expected === null ? null : { from: expected.from.toString(), to: expected.to.toString() },
  };
}

function sayAction(action: StepAction): string {
  if (isGuard(action)) return sayGuard(action);
  switch (action.kind) {
    case "wait-until":
      return "at" in action.moment ? `Wait until ${action.moment.at}.` : `Let ${action.moment.after} s pass.`;
    case "human-task":
      return action.instruction;
    case "http":
      return `Call ${action.url}.`;
    case "sub-release":
      return `Deploy ${action.service}@${action.version} to ${action.environment}.`;
    case "roll-back":
      return `Take the release of ${action.step} back.`;
    case "record":
      return action.text;
  }
}

import type { z } from "zod";
import { answer, defineHandler } from "#api/handler.ts";
import { listTasks, type task as wireTask } from "#contract/plan-command.ts";
import { taskOf } from "#core/plan/action.ts";
import type { Approve } from "#core/plan/guard.ts";
import { stepsOf } from "#core/plan/plan.ts";
import type { TaskStep } from "#usecases/plan/plan-operations.ts";

type Task = z.input<typeof wireTask>;

export const listTasksHandler = defineHandler(listTasks, async (deps, call) => {
  const { steps, unseen } = await deps.plans.listTasks(call.identity.person);
  return answer(200, {
    items: steps.flatMap(presentTask),
    unseen: unseen.map(({ id, runbook, oversight, owner, startedAt, turnAt }) => ({
      run: id,
      runbook,
      asked: oversight?.asked ?? "",
      owner,
      startedAt: startedAt.toString(),
      latestRollbackStart: turnAt.toString(),
    })),
  });
});

function presentTask(asking: TaskStep): readonly Task[] {
  const { run, step, consent } = asking;
  const { part, name, begunAt, deadline } = step;
  const action = stepsOf(run.plan, part).find((planned) => planned.name === name)?.action;
  if (action === undefined) return [];
  const place = { run: run.id, runbook: run.runbook, part, step: name };
  const when = { begunAt: begunAt.toString(), deadline: deadline.toString() };
  if (action.kind === "approve") return consent === null ? [] : [{ ...place, ...when, ...consentOf(action, asking) }];
  const task = taskOf(action);
  if (task === null) return [];
  const { who, instruction, form, whenLate, signature, attachments } = task;
  const asked = { who, instruction, form: [...form], whenLate, signature: signature === true };
  return [{ ...place, ...when, ...asked, attachments: attachments ?? "optional", consent: null }];
}

function consentOf(
  { roles, teams, instruction, signature, approvals }: Approve,
  { run, consent }: TaskStep,
): Omit<Task, "run" | "runbook" | "part" | "step" | "begunAt" | "deadline"> {
  return {
    who: [...roles, ...teams].join(", "),
    instruction,
    form: [],
    whenLate: "failed",
    signature,
    attachments: "none",
    consent: {
      approvals,
      approvedBy: [...(consent?.approvedBy ?? [])],
      contentDigest: consent?.digest ?? "",
      brings: [...(consent?.brings ?? [])],
      startedBy: run.startedBy,
      reason: run.reason,
    },
  };
}

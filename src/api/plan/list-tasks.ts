import { answer, defineHandler } from "#api/handler.ts";
import { listTasks } from "#contract/plan-command.ts";
import { stepsOf } from "#core/plan/plan.ts";
import type { AskingStep } from "#usecases/plan/plan-records.ts";

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

function presentTask({ run, step }: AskingStep) {
  const { part, name, begunAt, deadline } = step;
  const action = stepsOf(run.plan, part).find((planned) => planned.name === name)?.action;
  if (action?.kind !== "human-task") return [];
  const { who, instruction, form, whenLate, signature, attachments } = action;
  const asked = {
    who,
    instruction,
    form,
    whenLate,
    signature: signature === true,
    attachments: attachments ?? "optional",
  } as const;
  const when = { begunAt: begunAt.toString(), deadline: deadline.toString() };
  return [{ run: run.id, runbook: run.runbook, part, step: name, ...asked, ...when }];
}

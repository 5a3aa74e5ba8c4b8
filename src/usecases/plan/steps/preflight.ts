import type { Preflight } from "#core/plan/guard.ts";
import { isBefore } from "#core/span.ts";
import type { FormAnswer, RunStep } from "#usecases/plan/plan-records.ts";
import type { PlanDeps, Standing, StepContext, StepDriver } from "#usecases/plan/steps/driver.ts";
import type { Records } from "#usecases/records.ts";

/**
 * A checklist: first the person, then what the targets and the reports say, so that this is no older than the start. A
 * durable run looks at the targets (`workflows/look-out.ts`) and ends the step. Nothing is touched, so red is refused.
 */
export const preflight: StepDriver<Preflight> = {
  begin: async ({ deps, records, run, part, step, action, deadline }) => {
    if (action.who === null) await deps.startCall(records, { run: run.id, part, name: step.name }, "looks");
    return { state: "running", lookAt: deadline };
  },
  look: (context, step) => Promise.resolve(late(context, step)),
  cancel: () => Promise.resolve({ state: "cancelled", outcome: "The run turned back before it was checked." }),
};

function late({ action, at, deadline }: StepContext<Preflight>, { notes }: RunStep): Standing {
  if (isBefore(at, deadline)) return { state: "running", lookAt: deadline };
  const isAsked = action.who !== null && notes?.answered === undefined;
  const outcome = isAsked
    ? `${action.who ?? ""} did not answer the checklist in time.`
    : "The targets could not be looked at in time.";
  return { state: "refused", outcome };
}

/** The person has answered; now the targets are looked at. An item that is not so ends it by what is found. */
export async function lookAfterAnswer(
  deps: Pick<PlanDeps, "startCall">,
  records: Records,
  { run, part, name, deadline, notes }: RunStep,
  answered: { readonly by: string; readonly form: FormAnswer },
): Promise<void> {
  const step = { run, part, name };
  await records.runs.lookAgain(step, deadline, { notes: { ...notes, answered } });
  await deps.startCall(records, step, "looks");
}

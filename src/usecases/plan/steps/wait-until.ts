import type { WaitUntil } from "#core/plan/action.ts";
import { sayInstant } from "#core/policy/say.ts";
import type { Standing, StepContext, StepDriver } from "#usecases/plan/steps/driver.ts";
import type { RunStep } from "#usecases/plan/plan-records.ts";

/** A row with an instant: it costs nothing while it waits. */
export const waitUntil: StepDriver<WaitUntil> = {
  begin: (context) => Promise.resolve(standing(context, context.at)),
  look: (context, { begunAt }: RunStep) => Promise.resolve(standing(context, begunAt)),
  cancel: () => Promise.resolve({ state: "cancelled", outcome: "The run turned back before its time had come." }),
};

function standing({ action, at, deadline }: StepContext<WaitUntil>, begunAt: Temporal.Instant): Standing {
  const { moment } = action;
  const until = "at" in moment ? Temporal.Instant.from(moment.at) : begunAt.add({ seconds: moment.after });
  if (Temporal.Instant.compare(at, until) >= 0) return { state: "done", outcome: "Its time has come." };
  if (Temporal.Instant.compare(until, deadline) <= 0) return { state: "running", lookAt: until };
  const outcome = `It would wait until ${sayInstant(until, null)}, which is behind its time-out.`;
  return { state: "refused", outcome };
}

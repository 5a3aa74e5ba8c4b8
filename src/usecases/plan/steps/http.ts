import type { HttpCall } from "#core/plan/action.ts";
import type { StepDriver } from "#usecases/plan/steps/driver.ts";

/**
 * A durable run makes the call (`workflows/call-out.ts`) and ends the step with its answer. What has not answered at the
 * time-out counts as failed; a later answer finds the step ended and changes nothing.
 */
export const http: StepDriver<HttpCall> = {
  begin: async ({ deps, records, run, part, step, deadline, action }) => {
    if ((await records.runs.secretFor(action.url)) === null) {
      return { state: "refused", outcome: `Nobody has registered ${action.url} for messages.` };
    }
    await deps.startCall(records, { run: run.id, part, name: step.name });
    return { state: "running", lookAt: deadline };
  },
  look: ({ at, deadline }) => {
    if (Temporal.Instant.compare(at, deadline) < 0) return Promise.resolve({ state: "running", lookAt: deadline });
    return Promise.resolve({
      state: "failed",
      outcome: "There was no answer in time; what became of it is not known.",
    });
  },
  // It may be on its way: only its answer or its time-out ends it.
  cancel: (context, step) => http.look(context, step),
};

import type { HumanTask } from "#core/plan/action.ts";
import type { StepDriver } from "#usecases/plan/steps/driver.ts";

/** Waits for an answer (`answer-task.ts`), which ends it; what nobody answers ends as the plan says. */
export const humanTask: StepDriver<HumanTask> = {
  begin: ({ deadline }) => Promise.resolve({ state: "running", lookAt: deadline }),
  look: ({ action, at, deadline }) => {
    if (Temporal.Instant.compare(at, deadline) < 0) return Promise.resolve({ state: "running", lookAt: deadline });
    return Promise.resolve({ state: action.whenLate, outcome: `${action.who} did not answer in time.` });
  },
  cancel: () => Promise.resolve({ state: "cancelled", outcome: "The run turned back before it was answered." }),
};

import type { TurnBack } from "#core/plan/action.ts";
import type { StepContext, StepDriver, Standing } from "#usecases/plan/steps/driver.ts";

/** Looked at again at once: by then the run knows that it has turned, and ends the step on its way back. */
const soon = { seconds: 1 } as const;

/** The run turns in the transaction that begins the step. */
export const turnBack: StepDriver<TurnBack> = {
  begin: async ({ records, run, action, at }: StepContext<TurnBack>): Promise<Standing> => {
    if (run.turned === null) await records.runs.turn(run.id, { by: run.startedBy, at, reason: action.reason });
    return { state: "running", lookAt: at.add(soon) };
  },
  look: ({ at }) => Promise.resolve({ state: "running", lookAt: at.add(soon) }),
  cancel: ({ action }) => Promise.resolve({ state: "done", outcome: action.reason }),
};

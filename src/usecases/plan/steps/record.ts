import type { Note } from "#core/plan/action.ts";
import type { StepDriver } from "#usecases/plan/steps/driver.ts";

/** Done in the transaction that begins it. */
export const record: StepDriver<Note> = {
  begin: ({ action }) => Promise.resolve({ state: "done", outcome: action.text }),
  look: ({ action }) => Promise.resolve({ state: "done", outcome: action.text }),
  cancel: () => Promise.resolve({ state: "cancelled", outcome: "The run turned back." }),
};

import type { SeenBefore } from "#core/plan/act-request.ts";
import { standingIn } from "#usecases/plan/make-act.ts";
import type { StepKey } from "#usecases/plan/plan-records.ts";
import type { Transact } from "#usecases/records.ts";

/** Puts on record what was there before anything is changed; false when the step has ended, so that nothing may be. */
export function noteBefore(transact: Transact, id: StepKey, seen: SeenBefore): Promise<boolean> {
  return transact(async (records) => {
    // Locked, so that the way back either finds what was there, or comes first and is seen here.
    await records.runs.findForUpdate(id.run);
    if ((await standingIn(records, id)) === "ended") return false;
    await records.acts.noteBefore(id, seen);
    return true;
  });
}

import type { ActAnswer } from "#core/plan/act-request.ts";
import { answered, failedBy } from "#usecases/plan/acts/answer.ts";
import { noteBefore } from "#usecases/plan/acts/note-before.ts";
import type { ActDeps, ActOf } from "#usecases/plan/act-deps.ts";

/**
 * Switches a flag and sees where it is kept that it is so. Systems of flags know neither keys nor fencing numbers: it is
 * looked at before it is switched, and the run holds the lock of the environment meanwhile.
 */
export async function setFlag(deps: ActDeps, act: ActOf<"set-flag">): Promise<ActAnswer> {
  const { id, request } = act;
  const { environment, project, flag, isOn } = request;
  const place = { project, flag, environment };
  const before = await deps.flags.read(place);
  if (!before.ok) return failedBy(before.error);
  const second = Math.floor(deps.now().epochMilliseconds / 1000);
  if (!(await noteBefore(deps.transact, id, { shares: {}, second, isOn: before.value.isOn }))) {
    return answered("failed", "The step had ended before its flag could be switched.");
  }
  if (before.value.isOn !== isOn) {
    const switched = await deps.flags.switch({ ...place, isOn });
    if (!switched.ok) return failedBy(switched.error);
  }
  const seen = await deps.flags.read(place);
  if (!seen.ok) return failedBy(seen.error);
  const wanted = isOn ? "on" : "off";
  return seen.value.isOn === isOn
    ? answered("done", `${flag} is ${wanted} in ${environment}, seen where it is kept.`)
    : answered("failed", `${deps.flags.id} says that ${flag} was switched ${wanted}, and shows that it is not.`);
}

import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentHold } from "#api/release/present-hold.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { liftHold } from "#contract/hold.ts";

export const liftHoldHandler = defineHandler(liftHold, async (deps, call) => {
  const { id } = call.params;
  const result = await deps.intake.liftHold({ id, reason: call.body.reason }, callOf(call));
  if (result.ok) return answer(200, presentHold(result.value, call.now));
  const { error } = result;
  if (error === "no-such-hold") return refuse(error, `There is no hold ${id}. "tidegate holds" lists them.`);
  if (error === "already-lifted")
    return refuse(error, `The hold ${id} is not in force any more; nothing is left to lift.`);
  return refuse("not-yours-to-lift", `The hold ${id} is lifted by ${error.liftedBy}. Ask there.`);
});

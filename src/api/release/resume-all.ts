import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentStop } from "#api/release/present-hold.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { resumeAll } from "#contract/hold.ts";

export const resumeAllHandler = defineHandler(resumeAll, async (deps, call) => {
  const { id } = call.params;
  const result = await deps.intake.resume({ id, reason: call.body.reason }, callOf(call));
  if (result.ok) return answer(200, presentStop(result.value, call.now));
  switch (result.error) {
    case "no-such-stop":
      return refuse(result.error, `There is no stop ${id}. "tidegate stops" lists them.`);
    case "already-lifted":
      return refuse(result.error, `The stop ${id} is not in force any more; nothing is left to end.`);
  }
});

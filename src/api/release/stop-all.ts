import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentStop } from "#api/release/present-hold.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { stopAll } from "#contract/hold.ts";

export const stopAllHandler = defineHandler(stopAll, async (deps, call) => {
  const { reason, until, allowsRollBack } = call.body;
  const end = until === null ? null : Temporal.Instant.from(until);
  const result = await deps.intake.stop({ reason, until: end, allowsRollBack }, callOf(call));
  if (result.ok) return answer(200, presentStop(result.value, call.now));
  switch (result.error) {
    case "bad-span":
      return refuse(result.error, "Nothing was stopped: the end is not in the future. Name a later one, or none.");
    case "too-many-stops":
      return refuse(result.error, "Everything is stopped already, by as many stops as are looked at. End some.");
  }
});

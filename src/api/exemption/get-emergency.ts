import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentEmergency } from "#api/exemption/present.ts";
import { getEmergency } from "#contract/emergency.ts";

export const getEmergencyHandler = defineHandler(getEmergency, async (deps, call) => {
  const { id } = call.params;
  const state = await deps.exemptions.emergency(id);
  return state === null
    ? refuse("no-such-emergency", `There is no emergency ${id}.`)
    : answer(200, presentEmergency(state, call.now));
});

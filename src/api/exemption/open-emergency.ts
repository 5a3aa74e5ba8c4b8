import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentEmergency } from "#api/exemption/present.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { openEmergency } from "#contract/emergency.ts";

export const openEmergencyHandler = defineHandler(openEmergency, async (deps, call) => {
  const result = await deps.exemptions.openEmergency(call.body, callOf(call));
  if (result.ok) return answer(200, presentEmergency(result.value, call.now));
  const { error } = result;
  const { service, version } = call.body;
  if (error === "no-such-service") return refuse(error, `Nothing was opened: no service is called ${service}.`);
  if (error === "no-such-artifact") {
    const detail = `Nothing was opened: ${service} ${version} is not registered, and a permission is for one digest. Register the artifact first.`;
    return refuse(error, detail);
  }
  const kind = error.code === "no-such-freeze" ? "freeze that may concern this change" : "environment";
  return refuse(error.code, `Nothing was opened: no ${kind} is called ${error.name}. Correct the name.`);
});

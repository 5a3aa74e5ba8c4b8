import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentExemption } from "#api/exemption/present.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { revokeExemption } from "#contract/exemption.ts";

export const revokeExemptionHandler = defineHandler(revokeExemption, async (deps, call) => {
  const { id } = call.params;
  const result = await deps.exemptions.revokeExemption({ id, reason: call.body.reason }, callOf(call));
  if (result.ok) return answer(200, presentExemption(result.value, call.now));
  const details = {
    "no-such-exemption": `There is no exemption ${id}. "tidegate exemption list" lists them.`,
    "exemption-over": `The exemption ${id} has ended or was revoked; nothing is left to end.`,
  };
  return refuse(result.error, details[result.error]);
});

import { answer, defineHandler } from "#api/handler.ts";
import { listExemptionTypes } from "#contract/exemption.ts";

export const listExemptionTypesHandler = defineHandler(listExemptionTypes, async (deps) => {
  const types = await deps.exemptions.exemptionTypes();
  return answer(200, { items: types.map((type) => ({ ...type, maxDuration: type.maxDuration.toString() })) });
});

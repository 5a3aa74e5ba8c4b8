import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentExemption, presentUse } from "#api/exemption/present.ts";
import { getExemption } from "#contract/exemption.ts";

export const getExemptionHandler = defineHandler(getExemption, async (deps, call) => {
  const { id } = call.params;
  const shown = await deps.exemptions.exemption(id);
  if (shown === null) return refuse("no-such-exemption", `There is no exemption ${id}.`);
  return answer(200, { exemption: presentExemption(shown.found, call.now), uses: shown.uses.map(presentUse) });
});

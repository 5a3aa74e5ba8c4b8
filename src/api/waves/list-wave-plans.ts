import { answer, defineHandler } from "#api/handler.ts";
import { presentWavePlan } from "#api/waves/present-waves.ts";
import { listWavePlans } from "#contract/waves.ts";

export const listWavePlansHandler = defineHandler(listWavePlans, async (deps) => {
  const found = await deps.waves.listWavePlans();
  return answer(200, { items: found.map(presentWavePlan) });
});

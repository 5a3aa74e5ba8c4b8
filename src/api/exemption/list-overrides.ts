import { answer, defineHandler } from "#api/handler.ts";
import { presentOverride } from "#api/exemption/present.ts";
import { listOverrides } from "#contract/exemption.ts";

/** More than anybody overrides of one deployment. */
const maxShown = 200;

export const listOverridesHandler = defineHandler(listOverrides, async (deps, call) => {
  const items = await deps.exemptions.listOverrides(call.params.id, maxShown);
  return answer(200, { items: items.map(presentOverride) });
});

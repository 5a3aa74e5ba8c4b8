import { answer, defineHandler } from "#api/handler.ts";
import { presentTicket } from "#api/exemption/present.ts";
import { listEmergencies } from "#contract/emergency.ts";

export const listEmergenciesHandler = defineHandler(listEmergencies, async (deps, call) => {
  const items = await deps.exemptions.listEmergencies(call.query.limit);
  return answer(200, { items: items.map((item) => presentTicket(item, call.now)) });
});

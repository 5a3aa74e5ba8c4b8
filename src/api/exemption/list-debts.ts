import { answer, defineHandler } from "#api/handler.ts";
import { presentDebt } from "#api/exemption/present.ts";
import { listDebts } from "#contract/emergency.ts";

export const listDebtsHandler = defineHandler(listDebts, async (deps, call) => {
  const { team = null, emergency = null, show, limit } = call.query;
  const items = await deps.exemptions.listDebts({ team, emergency, show, limit });
  return answer(200, { items: items.map((item) => presentDebt(item, call.now)) });
});

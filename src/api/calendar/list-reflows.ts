import { presentReflow } from "#api/calendar/present-business.ts";
import { answer, defineHandler } from "#api/handler.ts";
import { listReflows } from "#contract/business-calendar.ts";

export const listReflowsHandler = defineHandler(listReflows, async (deps, call) => {
  const batches = await deps.business.reflows(call.query.limit);
  return answer(200, { items: batches.map(presentReflow) });
});

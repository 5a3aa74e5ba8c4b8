import { listHookDeliveries } from "#contract/hook.ts";
import { answer, defineHandler } from "#api/handler.ts";
import { presentDelivery } from "#api/release/present-hook.ts";

export const listHookDeliveriesHandler = defineHandler(listHookDeliveries, async (deps, call) => {
  const { hook, state, limit, cursor } = call.query;
  const query = { source: hook ?? null, state: state ?? null, limit, cursor: cursor ?? null };
  const { items, next } = await deps.hooks.deliveries(query);
  return answer(200, { items: items.map(presentDelivery), next });
});

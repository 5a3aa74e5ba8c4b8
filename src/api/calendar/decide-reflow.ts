import { answer, defineHandler, refuse } from "#api/handler.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { decideReflow } from "#contract/business-calendar.ts";

export const decideReflowHandler = defineHandler(decideReflow, async (deps, call) => {
  const { id } = call.params;
  const { decision, items } = call.body;
  const result = await deps.business.decideReflow({ id, decision, items: items ?? null }, callOf(call));
  if (!result.ok) return refuse(result.error, details[result.error](id));
  return answer(200, { items: result.value });
});

const details = {
  "no-such-reflow": (id: string) => `There is no batch ${id}. GET /v1/reflows lists those there are.`,
  "no-such-item": (id: string) =>
    `The batch ${id} has no item at one of these positions; nothing was decided. GET /v1/reflows lists its items.`,
};

import { answer, defineHandler } from "#api/handler.ts";
import { presentSummary } from "#api/plan/present-run.ts";
import { listRuns } from "#contract/plan.ts";

export const listRunsHandler = defineHandler(listRuns, async (deps, call) => {
  const { show, limit, cursor } = call.query;
  const { items, next } = await deps.plans.listRuns({ show, limit, cursor: cursor ?? null });
  return answer(200, { items: items.map(presentSummary), next });
});

import { answer, defineHandler } from "#api/handler.ts";
import { presentSummary } from "#api/plan/present-run.ts";
import { listRuns } from "#contract/plan.ts";

export const listRunsHandler = defineHandler(listRuns, async (deps, call) => {
  const { show, limit, cursor, state, runbook, service } = call.query;
  const { items, next } = await deps.plans.listRuns({
    // Who asks for a state means all runs in it, whatever is shown otherwise.
    show: state === undefined ? show : "all",
    state: state ?? null,
    runbook: runbook ?? null,
    service: service ?? null,
    limit,
    cursor: cursor ?? null,
  });
  return answer(200, { items: items.map(presentSummary), next });
});

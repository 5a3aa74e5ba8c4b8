import { answer, defineHandler } from "#api/handler.ts";
import { listRunbooks } from "#contract/plan.ts";
import { wayBackSeconds } from "#core/plan/timing.ts";

export const listRunbooksHandler = defineHandler(listRunbooks, async (deps) => {
  const found = await deps.plans.listRunbooks();
  const items = found.map(({ name, version, owner, summary, plan }) => ({
    name,
    version,
    owner,
    summary,
    within: plan.withinSeconds,
    wayBack: wayBackSeconds(plan),
    steps: plan.steps.length,
  }));
  return answer(200, { items });
});

import { answer, defineHandler, refuse } from "#api/handler.ts";
import { noSuchRun } from "#api/plan/get-run.ts";
import { getRunCriteria } from "#contract/criteria.ts";

export const getRunCriteriaHandler = defineHandler(getRunCriteria, async (deps, call) => {
  const { id } = call.params;
  const found = await deps.plans.criteriaOf(id);
  if (found === null) return refuse("no-such-run", noSuchRun(id));
  return answer(200, { run: id, items: found.map(({ at, ...item }) => ({ ...item, at: at.toString() })) });
});

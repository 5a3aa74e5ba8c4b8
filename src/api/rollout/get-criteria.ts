import { answer, defineHandler, refuse } from "#api/handler.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { getCriteria } from "#contract/criteria.ts";

export const getCriteriaHandler = defineHandler(getCriteria, async (deps, call) => {
  const id = toDeploymentId(call.params.id);
  if ((await deps.views.deployment(id)) === null) {
    return refuse("no-such-deployment", `There is no deployment ${id}.`);
  }
  const items = await deps.views.criteria(id);
  return answer(200, { deployment: id, items: items.map(({ at, ...item }) => ({ ...item, at: at.toString() })) });
});

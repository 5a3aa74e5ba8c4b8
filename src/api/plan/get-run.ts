import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentRun } from "#api/plan/present-run.ts";
import { getRun } from "#contract/plan.ts";

export const getRunHandler = defineHandler(getRun, async (deps, call) => {
  const found = await deps.plans.showRun(call.params.id);
  return found === null
    ? refuse("no-such-run", noSuchRun(call.params.id))
    : answer(200, presentRun(found, call.identity));
});

export function noSuchRun(id: string): string {
  return `There is no run ${id}. "tidegate run list" shows those under way.`;
}

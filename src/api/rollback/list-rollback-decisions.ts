import { answer, defineHandler } from "#api/handler.ts";
import { presentDecision } from "#api/rollback/present.ts";
import { listRollbackDecisions } from "#contract/rollback.ts";

export const listRollbackDecisionsHandler = defineHandler(listRollbackDecisions, async (deps) => {
  const open = await deps.rollback.listDecisions();
  return answer(200, { items: open.map(presentDecision) });
});

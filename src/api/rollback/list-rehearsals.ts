import { answer, defineHandler } from "#api/handler.ts";
import { presentRehearsal } from "#api/rollback/present.ts";
import { listRehearsals } from "#contract/rollback.ts";

export const listRehearsalsHandler = defineHandler(listRehearsals, async (deps, call) => {
  const found = await deps.rollback.listRehearsals(call.query.service ?? null);
  return answer(200, { items: found.map(presentRehearsal) });
});

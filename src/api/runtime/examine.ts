import { answer, defineHandler } from "#api/handler.ts";
import { examine } from "#contract/runtime.ts";

export const examineHandler = defineHandler(examine, async (deps) =>
  answer(200, { checks: await deps.health.examine() }),
);

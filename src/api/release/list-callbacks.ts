import { listCallbacks } from "#contract/hook.ts";
import { answer, defineHandler } from "#api/handler.ts";
import { presentCallback } from "#api/release/present-hook.ts";

export const listCallbacksHandler = defineHandler(listCallbacks, async (deps) =>
  answer(200, { items: (await deps.hooks.listCallbacks()).map(presentCallback) }),
);

import { listHooks } from "#contract/hook.ts";
import { answer, defineHandler } from "#api/handler.ts";
import { presentHook } from "#api/release/present-hook.ts";

export const listHooksHandler = defineHandler(listHooks, async (deps) =>
  answer(200, { items: (await deps.hooks.listHooks()).map(presentHook) }),
);

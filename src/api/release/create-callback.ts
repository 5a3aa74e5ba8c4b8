import { createCallback } from "#contract/hook.ts";
import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentCallback } from "#api/release/present-hook.ts";
import { callOf } from "#api/release/show-deployment.ts";

export const createCallbackHandler = defineHandler(createCallback, async (deps, call) => {
  const { name, url } = call.body;
  const created = await deps.hooks.createCallback({ name, url }, callOf(call));
  if (created.ok)
    return answer(201, { callback: presentCallback(created.value.callback), secret: created.value.secret });
  if (created.error.code === "bad-address") return refuse(created.error.code, created.error.reason);
  return refuse(created.error.code, `Nothing was registered: there is a callback ${name} already. Take another name.`);
});

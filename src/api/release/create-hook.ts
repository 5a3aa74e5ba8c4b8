import { createHook } from "#contract/hook.ts";
import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentHook } from "#api/release/present-hook.ts";
import { callOf } from "#api/release/show-deployment.ts";

export const createHookHandler = defineHandler(createHook, async (deps, call) => {
  const created = await deps.hooks.createHook(call.body, callOf(call));
  if (created.ok) return answer(201, { hook: presentHook(created.value.hook), secret: created.value.secret });
  switch (created.error) {
    case "name-taken":
      return refuse(created.error, `Nothing was made: there is a hook ${call.body.name} already. Take another name.`);
    case "not-your-account":
      return refuse(
        created.error,
        `Nothing was made: ${call.body.account} is none of your accounts. Name one of your bots.`,
      );
  }
});

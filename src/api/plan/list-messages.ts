import { answer, defineHandler } from "#api/handler.ts";
import { listMessages } from "#contract/plan-message.ts";

export const listMessagesHandler = defineHandler(listMessages, async (deps, call) => {
  const { limit, cursor } = call.query;
  const page = await deps.plans.listMessages(call.identity.person.name, { limit, cursor: cursor ?? null });
  const items = page.items.map(({ run, at, text }) => ({ run, at: at.toString(), text }));
  return answer(200, { items, next: page.next });
});

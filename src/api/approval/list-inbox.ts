import { answer, defineHandler } from "#api/handler.ts";
import { askOf, presentSummary } from "#api/release/present.ts";
import { listInbox } from "#contract/approval.ts";

export const listInboxHandler = defineHandler(listInbox, async (deps, call) => {
  const views = await deps.views.undecided(call.identity.person.name);
  return answer(200, {
    items: views.map((view) => ({
      deployment: presentSummary(view, call.now),
      contentDigest: view.record.contentDigest,
      ask: askOf(view),
    })),
  });
});

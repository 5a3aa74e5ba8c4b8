import { answer, defineHandler } from "#api/handler.ts";
import { askOf, presentSummary } from "#api/release/present.ts";
import { listInbox } from "#contract/approval.ts";
import { whyNotOpen } from "#core/approval/open-consent.ts";

export const listInboxHandler = defineHandler(listInbox, async (deps, call) => {
  const { name } = call.identity.person;
  const candidates = await deps.views.undecided(name);
  const views = candidates.filter(({ consent, approvals }) => whyNotOpen(consent, approvals, name, call.now) === null);
  return answer(200, {
    items: views.map((view) => ({
      deployment: presentSummary(view, call.now),
      contentDigest: view.record.contentDigest,
      ask: askOf(view),
    })),
  });
});

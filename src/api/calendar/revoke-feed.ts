import { answer, defineHandler } from "#api/handler.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { revokeFeed } from "#contract/business-calendar.ts";

export const revokeFeedHandler = defineHandler(revokeFeed, async (deps, call) =>
  answer(200, { revoked: await deps.business.feeds.revoke(call.params.id, callOf(call)) }),
);

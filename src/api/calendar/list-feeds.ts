import { presentFeed } from "#api/calendar/present-business.ts";
import { answer, defineHandler } from "#api/handler.ts";
import { listFeeds } from "#contract/business-calendar.ts";

export const listFeedsHandler = defineHandler(listFeeds, async (deps, call) => {
  const feeds = await deps.business.feeds.list(call.identity.person.name);
  return answer(200, { items: feeds.map(presentFeed) });
});

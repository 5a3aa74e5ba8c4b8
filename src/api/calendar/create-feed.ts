import { presentFeed } from "#api/calendar/present-business.ts";
import { answer, defineHandler, refuse } from "#api/handler.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { createFeed } from "#contract/business-calendar.ts";

export const createFeedHandler = defineHandler(createFeed, async (deps, call) => {
  const { label, environment, service, include } = call.body;
  const made = await deps.business.feeds.create({ label, filter: { environment, service, include } }, callOf(call));
  if (!made.ok) return refuse(made.error.code, made.error.sentence);
  return answer(200, { feed: presentFeed(made.value.feed), path: `/v1/feeds/${made.value.file}` });
});

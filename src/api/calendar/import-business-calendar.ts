import { answer, defineHandler, refuse } from "#api/handler.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { importBusinessCalendar } from "#contract/business-calendar.ts";
import { sayRefusal } from "#usecases/calendar/import-refresh.ts";

export const importBusinessCalendarHandler = defineHandler(importBusinessCalendar, async (deps, call) => {
  const calendar = call.params.name;
  const result =
    "text" in call.body
      ? await deps.business.importText({ calendar, text: call.body.text }, callOf(call))
      : await deps.business.importUrl({ calendar, url: call.body.url }, callOf(call));
  if (result.ok) return answer(200, result.value);
  const refusal = result.error;
  switch (refusal.code) {
    case "no-such-calendar":
    case "not-subscribed":
      return refuse(
        "no-such-calendar",
        `The configuration declares no calendar ${calendar}. Apply its document first.`,
      );
    case "invalid-calendar":
      return refuse("invalid-calendar", `${sayRefusal(refusal)} Nothing was imported.`, { problems: [refusal.fault] });
    case "feed-failed":
      return refuse("feed-failed", `${sayRefusal(refusal)}. The last good state stays in force.`);
  }
});

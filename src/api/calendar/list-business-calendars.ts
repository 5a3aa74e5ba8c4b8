import { presentCalendar } from "#api/calendar/present-business.ts";
import { answer, defineHandler } from "#api/handler.ts";
import { listBusinessCalendars } from "#contract/business-calendar.ts";

export const listBusinessCalendarsHandler = defineHandler(listBusinessCalendars, async (deps, call) => {
  const views = await deps.business.calendars();
  return answer(200, { items: views.map((view) => presentCalendar(view, call.now)) });
});

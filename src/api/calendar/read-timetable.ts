import { refuseCalendar, spanOf } from "#api/calendar/span-of.ts";
import { answer, defineHandler } from "#api/handler.ts";
import { readTimetable } from "#contract/calendar.ts";
import { timetableToJson } from "#core/calendar/present-timetable.ts";

export const readTimetableHandler = defineHandler(readTimetable, async (deps, call) => {
  const { environment, service, action } = call.query;
  const change = { class: call.query.class, action };
  const question = { environment, service: service ?? null, change, ...spanOf(call.query) };
  const found = await deps.calendar.timetable(question, call.now);
  return found.ok ? answer(200, timetableToJson(found.value)) : refuseCalendar(found.error, call.query);
});

import { answer, defineHandler } from "#api/handler.ts";
import { lintCalendar } from "#contract/calendar.ts";

export const lintCalendarHandler = defineHandler(lintCalendar, async (deps, call) => {
  const settings = {
    shortestUseful: Temporal.Duration.from({ minutes: call.query.usualRun }),
    leastMonthlyHours: call.query.leastHours,
  };
  const { revision, between, hints, checked } = await deps.calendar.lint(settings, call.now);
  return answer(200, {
    revision,
    since: between.from.toString(),
    until: between.to.toString(),
    usualRun: settings.shortestUseful.toString(),
    leastHours: settings.leastMonthlyHours,
    hints,
    checked,
  });
});

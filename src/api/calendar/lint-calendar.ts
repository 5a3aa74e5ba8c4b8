import { answer, defineHandler } from "#api/handler.ts";
import { lintCalendar } from "#contract/calendar.ts";
import { defaultUsualRun } from "#core/calendar/lint-catalog.ts";

export const lintCalendarHandler = defineHandler(lintCalendar, async (deps, call) => {
  const { usualRun, leastHours, decisionTime } = call.query;
  const settings = {
    usualRun: usualRun === undefined ? null : Temporal.Duration.from({ minutes: usualRun }),
    assumedRun: defaultUsualRun,
    leastMonthlyHours: leastHours,
    decisionTime: Temporal.Duration.from({ minutes: decisionTime }),
  };
  const { revision, between, hints, checked } = await deps.calendar.lint(settings, call.now);
  return answer(200, {
    revision,
    since: between.from.toString(),
    until: between.to.toString(),
    usualRun: settings.usualRun?.toString() ?? null,
    assumedRun: settings.assumedRun.toString(),
    decisionTime: settings.decisionTime.toString(),
    leastHours: settings.leastMonthlyHours,
    hints,
    checked,
  });
});

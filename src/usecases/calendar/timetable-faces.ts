import { makeLintCalendar, type LintCalendar, type LintSource } from "./timetable-lint.ts";
import { makeReadOverview, type ReadOverview } from "./timetable-overview.ts";
import { makePreviewCalendar, type PreviewCalendar } from "./timetable-preview.ts";
import { makeReadTimetable, timetableMemo, type CalendarSource, type ReadTimetable } from "./timetable.ts";

/** What is shown of the calendar, every answer from the configuration in force. Nothing here decides anything. */
export interface CalendarFaces {
  readonly timetable: ReadTimetable;
  readonly overview: ReadOverview;
  readonly preview: PreviewCalendar;
  readonly lint: LintCalendar;
}

export function calendarFaces(source: CalendarSource & LintSource): CalendarFaces {
  const memo = timetableMemo();
  return {
    timetable: makeReadTimetable(source, memo),
    overview: makeReadOverview(source, memo),
    preview: makePreviewCalendar(source),
    lint: makeLintCalendar(source),
  };
}

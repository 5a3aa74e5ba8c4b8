import { withInlineCalendars } from "#config/inline-calendars.ts";
import type { SourceFile } from "#config/source.ts";
import { checkSources, type Checked } from "#config/world.ts";
import { readCalendar } from "#connectors/ical/read-calendar.ts";
import { systemClock } from "#runtime/clock.ts";

/** What a server would find when the files are applied: the calendars that are written into them are read as well. */
export function checkFiles(files: readonly SourceFile[]): Checked {
  return withInlineCalendars(checkSources(files), readCalendar, systemClock.now());
}

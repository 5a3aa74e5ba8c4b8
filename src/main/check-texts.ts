import type { Document } from "#config/document.ts";
import { withInlineCalendars } from "#config/inline-calendars.ts";
import type { Problem } from "#config/problem.ts";
import type { SourceFile } from "#config/source.ts";
import { checkSources } from "#config/world.ts";
import { readCalendar } from "#connectors/ical/read-calendar.ts";
import { systemClock } from "#runtime/clock.ts";

/** Everything that is wrong in a configuration, the calendars that are written into it among it. */
export function checkTexts(files: readonly SourceFile[]): {
  readonly documents: readonly Document[];
  readonly problems: readonly Problem[];
} {
  return withInlineCalendars(checkSources(files), readCalendar, systemClock.now());
}

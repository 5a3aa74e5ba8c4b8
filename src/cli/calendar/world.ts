import { CommandEnd, exitCodes } from "#cli/exit.ts";
import { readFolder } from "#cli/catalog/read-folder.ts";
import { isError } from "#config/problem.ts";
import { renderProblems } from "#config/render.ts";
import { checkSources, type World } from "#config/world.ts";
import { readCalendar } from "#connectors/ical/read-calendar.ts";
import type { CalendarEvent } from "#core/calendar/business/business-calendar.ts";
import { effectsOfEvents, type EventEffects } from "#core/calendar/business/effects.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import type { Span } from "#core/span.ts";

/**
 * What a folder declares and says of the state of things, with the freezes that events of its inline calendars make in
 * the span. What a server would fetch from an address or was given as a file is state that a folder does not hold. A
 * folder with an error, or with a calendar that cannot be read, is refused: nothing is open by accident.
 */
export function worldIn(folder: string, between: Span): JudgedWorld {
  const checked = checkSources(readFolder(folder));
  if (checked.world !== null) return withInlineEvents(checked.world, between);
  const shown = renderProblems(checked.problems.filter(isError));
  throw new CommandEnd(exitCodes.error, `The configuration in ${folder} cannot be judged:\n${shown}`);
}

export type JudgedWorld = World & Pick<EventEffects, "cautions">;

/** The world with what the events of its inline calendars say in the span. */
export function withInlineEvents(world: World, between: Span): JudgedWorld {
  const { organisation } = world;
  const { freezes, cautions } = effectsOfEvents(organisation.calendars, inlineEvents(organisation, between));
  return { ...world, organisation: { ...organisation, freezes: [...organisation.freezes, ...freezes] }, cautions };
}

function inlineEvents({ calendars }: Organisation, between: Span): readonly CalendarEvent[] {
  return calendars.flatMap(({ name, source, zone }) => {
    if (source.kind !== "inline") return [];
    const read = readCalendar(source.text, zone, between);
    if (read.ok) return read.value.map((event) => ({ calendar: name, event }));
    const { line, event, message } = read.error;
    const place = `${line === null ? "" : `, line ${line}`}${event === null ? "" : `, event ${event}`}`;
    throw new CommandEnd(exitCodes.error, `The events of the calendar ${name}${place} cannot be read: ${message}`);
  });
}

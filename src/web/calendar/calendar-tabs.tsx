import type { ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import { hasOpenItem } from "./moves.ts";
import { useBusinessCalendars, useReflows } from "./planning-queries.ts";
import "./planning.css";

const exactly = { exact: true, includeSearch: false } as const;
const current = { "aria-current": "page" } as const;

/** The pages of the calendar; two of them say from here how much needs attention. */
export function CalendarTabs(): ReactElement {
  const moves = useReflows().data?.items.filter(hasOpenItem).length ?? 0;
  const failing = useBusinessCalendars().data?.items.filter(({ failure }) => failure !== null).length ?? 0;
  return (
    <nav className="calendar-tabs" aria-label="Calendar">
      <Link to="/calendar" activeOptions={exactly} activeProps={current}>
        Timetable
      </Link>
      <Link to="/calendar/advice" activeOptions={exactly} activeProps={current}>
        Slot advice
      </Link>
      <Link to="/calendar/moves" activeOptions={exactly} activeProps={current}>
        Proposed moves
        {moves > 0 && (
          <span className="count">
            {moves}
            <span className="hidden-visually"> to decide</span>
          </span>
        )}
      </Link>
      <Link to="/calendar/sources" activeOptions={exactly} activeProps={current}>
        Business calendars
        {failing > 0 && (
          <span className="count failing">
            {failing}
            <span className="hidden-visually"> failing</span>
          </span>
        )}
      </Link>
    </nav>
  );
}

import type { ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import { useNow } from "#web/runtime/clock.ts";
import { Icon } from "#web/ui/icons.tsx";
import { TimeText } from "#web/ui/widgets.tsx";
import { useBusinessCalendars } from "./planning-queries.ts";
import { sourceLook } from "./sources.ts";

/** Beside the timetable: how old the calendars are that it was made from; a failing one says so here. */
export function SourceStrip(): ReactElement | null {
  const { data } = useBusinessCalendars();
  const now = useNow(30_000);
  if (data === undefined || data.items.length === 0) return null;
  return (
    <ul className="source-strip small" aria-label="Age of the business calendars">
      {data.items.map((one) => {
        const look = sourceLook(one);
        return (
          <li key={one.name} className={`tone-${look.tone}`} title={one.failure ?? undefined}>
            <span className="toned">
              <Icon name={look.icon} />
            </span>
            <Link to="/calendar/sources" search={{ calendar: one.name }}>
              {one.name}
            </Link>
            <span className="dim">
              {look.label.toLowerCase()}
              {one.failingSince !== null && (
                <>
                  , since <TimeText at={one.failingSince} now={now} form="absolute" />
                </>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

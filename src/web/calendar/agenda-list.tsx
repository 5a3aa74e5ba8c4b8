import type { ReactElement } from "react";
import { Note } from "#web/ui/widgets.tsx";
import { agendaOf, type AgendaDay, type Lane } from "./entries.ts";
import { EntryCard } from "./readout.tsx";
import type { Day } from "./days.ts";
import { longDayText, oddLength } from "./words.ts";

interface AgendaProps {
  readonly lanes: readonly Lane[];
  readonly days: readonly Day[];
  readonly zones: readonly string[];
}

/** What begins on each day, as a list: the calendar for those who read from top to bottom. */
export function AgendaList({ lanes, days, zones }: AgendaProps): ReactElement {
  const agenda = agendaOf(lanes, days);
  if (agenda.length === 0) {
    const isFree = lanes.some(({ restricted }) => !restricted);
    return (
      <p className="panel panel-body dim">
        {isFree
          ? "No window restricts, and nothing is frozen or booked in these days."
          : "Nothing is open, frozen or booked in these days."}
      </p>
    );
  }
  return (
    <ol className="stack">
      {agenda.map((one) => (
        <AgendaSection key={one.day.date.toString()} of={one} zones={zones} />
      ))}
    </ol>
  );
}

function AgendaSection({ of, zones }: { readonly of: AgendaDay; readonly zones: readonly string[] }): ReactElement {
  const odd = oddLength(of.day.hours);
  return (
    <li className="panel panel-body agenda-day">
      <h2>
        {longDayText(of.day.date)}
        {odd !== null && <span className="small dim"> ({odd})</span>}
      </h2>
      {of.clockChanges.map((sentence) => (
        <Note key={sentence} tone="wait" icon="clock">
          {sentence}
        </Note>
      ))}
      <ul className="agenda-entries">
        {of.entries.map((entry) => (
          <li key={entry.key}>
            <EntryCard entry={entry} zones={zones} />
          </li>
        ))}
      </ul>
    </li>
  );
}

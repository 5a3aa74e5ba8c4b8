import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Panel } from "#web/ui/page.tsx";
import { CommandLine, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { reservationsQuery, type Reservation } from "./queries.ts";

/** Who has which environment or resource until when, and what comes after. */
export function ReservationsPanel(): ReactElement {
  const { data, error } = useQuery(reservationsQuery);
  return (
    <Panel title="Reservations">
      {error !== null && <ErrorNote error={error} />}
      {data === undefined && error === null && <Loading lines={2} />}
      {data?.items.length === 0 && (
        <p className="dim">
          Nothing is reserved. A team can have an environment, or places of a resource, for itself; others wait then.
        </p>
      )}
      {data !== undefined && data.items.length > 0 && (
        <ul className="places" aria-label="Reservations">
          {data.items.map((reservation) => (
            <ReservationLine key={reservation.id} reservation={reservation} />
          ))}
        </ul>
      )}
      <CommandLine command="tidegate reserve --environment NAME --team TEAM --from TIME --to TIME --reason TEXT" />
    </Panel>
  );
}

function ReservationLine({ reservation }: { readonly reservation: Reservation }): ReactElement {
  const now = useNow(5000);
  const { place, team, by, reason, from, to, seats, notBefore, hasBegun } = reservation;
  const [kind = "", ...name] = place.split(":");
  return (
    <li>
      <span>
        <strong>{team}</strong> {hasBegun ? "has" : "will have"} the {kind} {name.join(":")}
        {kind === "resource" && `, ${seats.length === 1 ? "place" : "places"} ${seats.join(", ")}`}
        {hasBegun && <span className="toned tone-wait"> now</span>}
        <span className="small dim run-line">
          {hasBegun ? "since " : "begins "}
          <TimeText at={from} now={now} />, ends <TimeText at={to} now={now} />
          {notBefore !== null && !hasBegun && ", moves forward when somebody before it lets go"}, by {by}: {reason}
        </span>
      </span>
    </li>
  );
}

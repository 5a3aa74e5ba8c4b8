import type { ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import { wire } from "#web/ui/time.ts";
import { Badge } from "#web/ui/widgets.tsx";
import type { Entry } from "./entries.ts";
import { causesOf, entryLook } from "./look.ts";
import { lengthText, spanInZones } from "./words.ts";

interface ReadoutProps {
  readonly entry: Entry | null;
  readonly zones: readonly string[];
}

/** What the pointer or the focus is on, on every clock; it changes no layout when it is empty. */
export function Readout({ entry, zones }: ReadoutProps): ReactElement {
  return (
    <div className="panel calendar-readout">
      {entry === null ? (
        <p className="small dim">
          Point at a bar, or move with the arrow keys: its times on every clock and the rules behind its borders show
          here.
        </p>
      ) : (
        <EntryCard entry={entry} zones={zones} />
      )}
    </div>
  );
}

export function EntryCard({
  entry,
  zones,
}: {
  readonly entry: Entry;
  readonly zones: readonly string[];
}): ReactElement {
  const { title, detail, lane, span } = entry;
  const { tone, icon } = entryLook(entry);
  return (
    <div className="calendar-card">
      <div className="row">
        <Badge tone={tone} icon={icon} label={title} />
        <span className="small">
          {lane.unit === null ? lane.environment : `${lane.unit} in ${lane.environment}`}, {lengthText(span)}
        </span>
        <BookingLinks entry={entry} />
      </div>
      {detail !== "" && <p className="small dim">{detail}</p>}
      <ul className="small calendar-clocks">
        {spanInZones(span, [...zones, lane.zone]).map(({ zone, text }) => (
          <li key={zone}>{text}</li>
        ))}
      </ul>
      {causesOf(entry).map((cause) => (
        <p key={cause} className="small dim">
          {cause}.
        </p>
      ))}
    </div>
  );
}

/** From a booking to its deployment, to why it lies where it lies, and to the talk about its slot. */
function BookingLinks({ entry: { booking, lane, span } }: { readonly entry: Entry }): ReactElement | null {
  if (booking === null) return null;
  const { id, service, version, state } = booking;
  const { environment } = lane;
  return (
    <>
      <Link to="/deployments/$id" params={{ id }} className="small">
        Open the deployment
      </Link>
      <Link to="/why" search={{ service, version, environment, deployment: id, at: wire(span.from) }} className="small">
        Why then
      </Link>
      {(state === "waiting" || state === "queued") && (
        <Link to="/deployments/$id/slot" params={{ id }} className="small">
          Advice and negotiation
        </Link>
      )}
    </>
  );
}

import type { ReactElement } from "react";
import type { Timetable } from "#contract/calendar.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Panel } from "#web/ui/page.tsx";
import { relative } from "#web/ui/time.ts";
import { ErrorNote } from "#web/ui/widgets.tsx";
import { useTimetable } from "./queries.ts";
import { dayClockText, lengthText, spanInZones, spanText } from "./words.ts";

interface NextProps {
  readonly chosen: string | undefined;
  /** The one environment that the page shows; undefined when it shows all. */
  readonly shown: string | undefined;
  readonly service: string | undefined;
  readonly zones: readonly string[];
}

export function NextOpenings({ chosen: environment, shown, service, zones }: NextProps): ReactElement | null {
  const { data, error } = useTimetable(environment, service);
  if (environment === undefined) return null;
  const about = service === undefined ? environment : `${service} in ${environment}`;
  return (
    <Panel title={`Next five openings of ${about}`}>
      {shown === undefined && (
        <p className="small dim">Of the last environment of promotion alone. Choose another one above for its own.</p>
      )}
      {error !== null && <ErrorNote error={error} />}
      {data !== undefined && <OpeningList openings={data.next} zones={[data.zone, ...zones]} />}
      {data !== undefined && !data.restricted && (
        <p className="small dim">No window restricts {about}; only freezes close it.</p>
      )}
    </Panel>
  );
}

interface ListProps {
  readonly openings: Timetable["next"];
  /** The first one is the clock that is shown; the others are below it. */
  readonly zones: readonly string[];
}

export function OpeningList({ openings, zones }: ListProps): ReactElement {
  const now = useNow(30_000);
  if (openings.length === 0) return <p className="small">Never within 400 days.</p>;
  return (
    <ol className="opening-list">
      {openings.map((opening) => (
        <OpeningLine key={opening.from ?? "before"} opening={opening} zones={zones} now={now} />
      ))}
    </ol>
  );
}

interface LineProps {
  readonly opening: Timetable["next"][number];
  readonly zones: readonly string[];
  readonly now: Temporal.Instant;
}

function OpeningLine({ opening, zones, now }: LineProps): ReactElement {
  const [zone = "UTC", ...others] = zones;
  const from = opening.from === null ? null : Temporal.Instant.from(opening.from);
  const to = opening.to === null ? null : Temporal.Instant.from(opening.to);
  if (from === null || to === null) {
    const since = from === null ? "Open already" : `From ${dayClockText(from, zone)} on`;
    return (
      <li>{to === null ? `${since}, with no end within 400 days` : `${since}, until ${dayClockText(to, zone)}`}</li>
    );
  }
  const span = { from, to };
  const isOpen = Temporal.Instant.compare(from, now) <= 0;
  return (
    <li>
      <strong>{spanText(span, zone)}</strong>
      <span className="small dim">{zone}</span>
      <span className="small dim">
        {isOpen ? "open now" : relative(from, now)}, {lengthText(span)}
      </span>
      {spanInZones(span, others)
        .filter((one) => one.zone !== zone)
        .map((one) => (
          <span key={one.zone} className="small dim">
            {one.text}
          </span>
        ))}
    </li>
  );
}

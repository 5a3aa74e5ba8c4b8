import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTimetable } from "#web/calendar/queries.ts";
import { spanText } from "#web/calendar/words.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Panel } from "#web/ui/page.tsx";
import { Badge, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { stateLook } from "./deployment.ts";
import { currentSignals, scopeText, signalsQuery, useStops } from "./holds.ts";
import { useDeployments } from "./queries.ts";
import type { ServicePage } from "./service.ts";
import { SignalLine } from "./signals.tsx";

type Place = ServicePage["environments"][number];

interface PlacesProps {
  readonly page: ServicePage;
  readonly chosen: string | undefined;
  readonly onChoose: (environment: string) => void;
}

/** What is live where; the chosen place decides what the other panels are about. */
export function Places({ page, chosen, onChoose }: PlacesProps): ReactElement {
  const now = useNow(30_000);
  return (
    <Panel title="Versions" side="choose a place to see what holds there" edge="flush">
      <table className="table service-places">
        <caption className="hidden-visually">Versions of {page.name} by environment</caption>
        <thead>
          <tr>
            <th scope="col">Environment</th>
            <th scope="col">Version</th>
            <th scope="col">Ask</th>
          </tr>
        </thead>
        <tbody>
          {page.environments.map((place) => (
            <PlaceRow
              key={place.name}
              place={place}
              service={page.name}
              isChosen={place.name === chosen}
              now={now}
              onChoose={onChoose}
            />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

interface PlaceRowProps {
  readonly place: Place;
  readonly service: string;
  readonly isChosen: boolean;
  readonly now: Temporal.Instant;
  readonly onChoose: (environment: string) => void;
}

function PlaceRow({ place, service, isChosen, now, onChoose }: PlaceRowProps): ReactElement {
  const { name, zone, live, protected: isProtected } = place;
  return (
    <tr>
      <th scope="row">
        <button
          type="button"
          className="link-button place-button"
          aria-pressed={isChosen}
          onClick={() => onChoose(name)}
        >
          {name}
        </button>
        <span className="small dim place-zone">
          {zone}
          {isProtected && " · protected"}
        </span>
      </th>
      <td>
        {live === null ? (
          <span className="dim">nothing</span>
        ) : (
          <>
            <span className="mono">{live.version}</span>
            <span className="small dim place-zone">
              <TimeText at={live.since} now={now} />
            </span>
          </>
        )}
      </td>
      <td>
        <Link to="/why" search={{ service, environment: name, ...(live !== null && { version: live.version }) }}>
          Why<span className="hidden-visually"> in {name}</span>
        </Link>
      </td>
    </tr>
  );
}

/** Work shown on the page; all of it stands in the list of deployments. */
const shownWork = 10;

export function Work({ service }: { readonly service: string }): ReactElement {
  const now = useNow(5000);
  const { data, error } = useDeployments({ service, environment: undefined, state: "open" });
  const items = data?.pages.flatMap((page) => page.items);
  return (
    <Panel title="Open work">
      {error !== null && <ErrorNote error={error} />}
      {items === undefined && error === null && <Loading lines={2} />}
      {items?.length === 0 && <p className="dim">Nothing is waiting or running.</p>}
      <ul className="holds">
        {items?.slice(0, shownWork).map((one) => (
          <li key={one.id}>
            <Badge {...stateLook(one.state)} />
            <span className="grow">
              <Link to="/deployments/$id" params={{ id: one.id }}>
                <span className="mono">{one.version}</span> to {one.environment}
              </Link>
              <span>{one.headline}</span>
              <span className="small dim">
                {one.requestedBy}, <TimeText at={one.requestedAt} now={now} />
                {one.opensAt !== null && (
                  <>
                    ; opens <TimeText at={one.opensAt} now={now} form="both" />
                  </>
                )}
              </span>
            </span>
          </li>
        ))}
      </ul>
      {items !== undefined && items.length > shownWork && (
        <Link to="/deployments" search={{ service, state: "open" }}>
          and {items.length - shownWork} more
        </Link>
      )}
    </Panel>
  );
}

/** Global stops, holds whose scope names it, and how it and what it needs are. */
export function StoppedBy({ page }: { readonly page: ServicePage }): ReactElement {
  const now = useNow(5000);
  const { data: stops } = useStops("in-force");
  const { data: reports } = useQuery(signalsQuery);
  const near = [page.name, ...page.dependsOn.map(({ on }) => on)];
  const troubles = currentSignals(reports?.items ?? []).filter(
    ({ report }) => report.status !== "ok" && near.includes(report.service),
  );
  const isClear = (stops?.items.length ?? 0) + page.holds.length + troubles.length === 0;
  return (
    <Panel title="Stopped by" side={<Link to="/holds">All holds and signals</Link>}>
      {isClear && <p className="dim">No stop, no hold, and nothing that it needs is unwell.</p>}
      <ul className="holds">
        {stops?.items.map((stop) => (
          <li key={stop.id}>
            <Badge tone="bad" icon="stop" label="Stopped" />
            <span className="grow">
              <span>{stop.reason}</span>
              <span className="small dim">
                everything, by {stop.by}, <TimeText at={stop.since} now={now} form="both" />
              </span>
            </span>
          </li>
        ))}
        {page.holds.map((hold) => (
          <li key={hold.id}>
            <Badge tone="bad" icon="hold" label="Held" />
            <span className="grow">
              <span>{hold.reason}</span>
              <span className="small dim">
                {scopeText(hold.scope)}, by {hold.by}, <TimeText at={hold.since} now={now} form="both" />; lifted by{" "}
                {hold.liftedBy}
              </span>
            </span>
          </li>
        ))}
        {troubles.map((one) => (
          <SignalLine key={one.id} signal={one} now={now} />
        ))}
      </ul>
    </Panel>
  );
}

/** What policies demand of an ordinary deployment there, each with the policies it stems from. */
export function Demands({ place, service }: { readonly place: Place; readonly service: string }): ReactElement {
  return (
    <Panel title={`Policies in ${place.name}`} side={<Link to="/policies">All policies</Link>}>
      {place.demands.length === 0 ? (
        <p className="dim">
          No policy demands anything of {service} there. Windows, freezes and approvals hold all the same.
        </p>
      ) : (
        <ul className="demands">
          {place.demands.map(({ setting, said, policies }) => (
            <li key={`${setting} ${said}`}>
              <span>{said}</span>
              <span className="small dim">
                <span className="mono">{setting}</span> ·{" "}
                {policies.map((policy, index) => (
                  <span key={`${policy.name} ${policy.version}`}>
                    {index > 0 && ", "}
                    <Link to="/policies/$name" params={{ name: policy.name }} search={{ version: policy.version }}>
                      {policy.name}
                    </Link>
                  </span>
                ))}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

interface FreezesProps {
  readonly environment: string;
  readonly service: string;
}

/** Those of the weeks that the calendar shows. */
export function Freezes({ environment, service }: FreezesProps): ReactElement | null {
  const { data } = useTimetable(environment, service);
  const freezes = data?.freezes.filter(({ spans }) => spans.length > 0) ?? [];
  if (data === undefined) return null;
  return (
    <Panel
      title="Freezes"
      side={
        <Link to="/calendar" search={{ environment, service }}>
          Calendar
        </Link>
      }
    >
      {freezes.length === 0 && <p className="dim">None in the time ahead that the calendar shows.</p>}
      <ul className="demands">
        {freezes.map(({ name, strength, reason, spans: [first] }) => (
          <li key={name}>
            <span>
              <strong>{name}</strong> ({strength}): {reason}
            </span>
            {first !== undefined && (
              <span className="small dim">
                {spanText({ from: Temporal.Instant.from(first.from), to: Temporal.Instant.from(first.to) }, data.zone)},{" "}
                {data.zone}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

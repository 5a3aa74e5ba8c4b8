import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { shortId } from "#web/release/deployment.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { CommandLine, EmptyState, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { ReservationsPanel } from "./reservations-panel.tsx";
import { PlanTabs } from "./plan-tabs.tsx";
import { resourcesQuery, type ResourceQueue } from "./queries.ts";
import { stepAnchor } from "./run.ts";

type Place = ResourceQueue["holders"][number];

/** What steps share: who uses it, who waits for it, and when they may begin. */
export function ResourcesPage(): ReactElement {
  const { data, error } = useQuery(resourcesQuery);
  return (
    <Page title="Shared resources">
      <PlanTabs />
      {error !== null && <ErrorNote error={error} />}
      {data === undefined && error === null && <Loading lines={5} />}
      {data?.items.length === 0 && (
        <div className="panel">
          <EmptyState icon="queue" title="Nothing is shared" command="tidegate apply -f DIRECTORY">
            A document of kind Resource says how many steps may use something at once: a database, a data centre, a
            team. Steps that use it wait their turn, and their place is shown here:
          </EmptyState>
        </div>
      )}
      {data !== undefined && data.items.length > 0 && (
        <>
          <div className="resources">
            {data.items.map((resource) => (
              <ResourcePanel key={resource.name} resource={resource} />
            ))}
          </div>
          <div>
            <CommandLine command="tidegate resource list" />
          </div>
        </>
      )}
      <ReservationsPanel />
    </Page>
  );
}

function ResourcePanel({ resource }: { readonly resource: ResourceQueue }): ReactElement {
  const { name, owner, capacity, inUse, holders, waiting } = resource;
  return (
    <Panel title={name} side={`${owner} answers for it`}>
      <Use inUse={inUse} capacity={capacity} />
      {holders.length === 0 && waiting.length === 0 && <p className="dim">Free: nobody uses it, nobody waits.</p>}
      {holders.length > 0 && (
        <ul className="places" aria-label={`Who uses ${name}`}>
          {holders.map((place) => (
            <PlaceLine key={`${place.run} ${place.part} ${place.step}`} place={place} position={null} />
          ))}
        </ul>
      )}
      {waiting.length > 0 && (
        <>
          <h3>Waiting</h3>
          <ol className="places" aria-label={`Who waits for ${name}`}>
            {waiting.map((place, index) => (
              <PlaceLine key={`${place.run} ${place.part} ${place.step}`} place={place} position={index + 1} />
            ))}
          </ol>
        </>
      )}
    </Panel>
  );
}

function Use({ inUse, capacity }: { readonly inUse: number; readonly capacity: number }): ReactElement {
  const percent = capacity === 0 ? 100 : Math.min(100, (100 * inUse) / capacity);
  return (
    <p className={`resource-use tone-${inUse >= capacity ? "wait" : "good"}`}>
      <span className="share-track" aria-hidden="true">
        <span className="share-fill" style={{ width: `${percent}%` }} />
      </span>
      <span>
        {inUse} of {capacity} in use
      </span>
    </p>
  );
}

function PlaceLine(props: { readonly place: Place; readonly position: number | null }): ReactElement {
  const now = useNow(5000);
  const { place, position } = props;
  return (
    <li>
      {position !== null && <span className="place-number">{position}</span>}
      <span>
        <Link to="/runs/$id" params={{ id: place.run }} hash={stepAnchor({ part: place.part, name: place.step })}>
          {place.step}
        </Link>{" "}
        of {place.runbook} <span className="mono dim">{shortId(place.run)}</span>, owner {place.owner}
        {place.units > 1 && `, ${place.units} units`}
        {place.isUrgent && <strong className="toned tone-wait"> goes first</strong>}
        <span className="small dim run-line">
          {place.heldAt === null ? (
            <>
              waits since <TimeText at={place.askedAt} now={now} />
            </>
          ) : (
            <>
              since <TimeText at={place.heldAt} now={now} />, free again <TimeText at={place.until} now={now} /> at the
              latest
            </>
          )}
          {place.expected !== null && (
            <>
              ; may begin <TimeText at={place.expected.from} now={now} /> at the soonest,{" "}
              <TimeText at={place.expected.to} now={now} /> at the latest
            </>
          )}
        </span>
      </span>
    </li>
  );
}

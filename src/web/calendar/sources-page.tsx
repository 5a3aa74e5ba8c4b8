import type { ReactElement } from "react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Page } from "#web/ui/page.tsx";
import { span } from "#web/ui/time.ts";
import { Badge, CommandLine, EmptyState, ErrorNote, Note, TimeText } from "#web/ui/widgets.tsx";
import { CalendarTabs } from "./calendar-tabs.tsx";
import { useBusinessCalendars, type BusinessCalendar } from "./planning-queries.ts";
import { RotaPanel } from "./rota-panel.tsx";
import { SlotTimes } from "./slot-times.tsx";
import { effectLook, sourceLook } from "./sources.ts";

/** Calendars of other systems: how old what they say is, how the last try to read them went, and what their events do. */
export function SourcesPage(): ReactElement {
  const { calendar } = useSearch({ from: "/calendar/sources" });
  const navigate = useNavigate({ from: "/calendar/sources" });
  const { data, error } = useBusinessCalendars();
  return (
    <Page title="Business calendars" side={<CommandLine command="tidegate calendar import FILE --calendar NAME" />}>
      <CalendarTabs />
      {error !== null && <ErrorNote error={error} />}
      {data === undefined && error === null && <Loading lines={6} />}
      {data?.items.length === 0 && (
        <div className="panel">
          <EmptyState icon="calendar" title="No business calendars" command="tidegate apply -f DIRECTORY">
            Declare finance, campaign or advisory calendars as documents of the kind Calendar; their events then freeze,
            warn or pull forward.
          </EmptyState>
        </div>
      )}
      {data?.items.map((one) => (
        <Source
          key={one.name}
          of={one}
          isOpen={one.name === calendar}
          onOpen={(isOpen) =>
            void navigate({ search: isOpen ? { calendar: one.name } : {}, replace: true, resetScroll: false })
          }
        />
      ))}
      <RotaPanel />
    </Page>
  );
}

interface SourceProps {
  readonly of: BusinessCalendar;
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
}

function Source({ of, isOpen, onOpen }: SourceProps): ReactElement {
  const look = sourceLook(of);
  const { name, failure, failingSince, importedAt, events } = of;
  const now = useNow(30_000);
  return (
    <section className="panel" aria-label={name} id={name}>
      <div className="panel-head">
        <h2 className="row">
          {name} <Badge tone={look.tone} icon={look.icon} label={look.label} />
        </h2>
        <Link to="/calendar/moves" search={{ calendar: name, show: "all" }} className="small">
          Moves it proposed
        </Link>
      </div>
      <div className="panel-body stack">
        <SourceFacts of={of} now={now} />
        {failure !== null && (
          <Note tone="bad" icon="warning">
            <strong>
              {failingSince === null ? (
                "Reading it fails."
              ) : (
                <>
                  Reading it fails since <TimeText at={failingSince} now={now} form="absolute" />.
                </>
              )}
            </strong>{" "}
            {failure} {importedAt === null ? "It was never read." : "What it said last stays in force."}
          </Note>
        )}
        {events.length === 0 ? (
          <p className="small dim">No events with an effect in the next 60 days.</p>
        ) : (
          <button
            type="button"
            className="link-button source-more"
            aria-expanded={isOpen}
            onClick={() => onOpen(!isOpen)}
          >
            {isOpen ? "Hide" : "Show"} {events.length === 1 ? "1 event" : `${events.length} events`} of the next 60 days
          </button>
        )}
        {isOpen && events.length > 0 && <Events of={of} />}
      </div>
    </section>
  );
}

const kinds = {
  file: "imported by hand or by API",
  url: "subscribed address",
  inline: "in the configuration",
} as const;

function SourceFacts({ of, now }: { readonly of: BusinessCalendar; readonly now: Temporal.Instant }): ReactElement {
  const { source, owner, zone, importedAt, importedBy, ageSeconds, lastAttemptAt } = of;
  return (
    <dl className="source-facts">
      <div>
        <dt>Last good state</dt>
        <dd>
          {importedAt === null ? (
            source === "inline" ? (
              "as applied"
            ) : (
              "none yet"
            )
          ) : ageSeconds === null ? (
            <TimeText at={importedAt} now={now} />
          ) : (
            `${span(ageSeconds)} old`
          )}
        </dd>
      </div>
      <div>
        <dt>Changed</dt>
        <dd>
          {importedAt === null ? "–" : <TimeText at={importedAt} now={now} form="absolute" />}
          {importedBy !== null && ` by ${importedBy}`}
        </dd>
      </div>
      <div>
        <dt>Last try</dt>
        <dd>{lastAttemptAt === null ? "–" : <TimeText at={lastAttemptAt} now={now} form="absolute" />}</dd>
      </div>
      <div>
        <dt>Source</dt>
        <dd>{kinds[source]}</dd>
      </div>
      <div>
        <dt>Owner</dt>
        <dd>{owner}</dd>
      </div>
      <div>
        <dt>Zone</dt>
        <dd>{zone}</dd>
      </div>
    </dl>
  );
}

function Events({ of: { name, zone, events } }: { readonly of: BusinessCalendar }): ReactElement {
  return (
    <ul className="source-events" aria-label={`Events of ${name}`}>
      {events.map((event) => {
        const look = effectLook(event.effect);
        return (
          <li key={`${event.name} ${event.from}`}>
            <Badge tone={look.tone} icon={look.icon} label={look.label} />
            <span>{event.summary}</span>
            <SlotTimes span={event} zone={zone} />
          </li>
        );
      })}
    </ul>
  );
}

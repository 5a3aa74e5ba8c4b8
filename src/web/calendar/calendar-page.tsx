import { useCallback, useEffect, useState, type ReactElement } from "react";
import { Button } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { CalendarOverview } from "#contract/calendar.ts";
import { useMatrix } from "#web/release/queries.ts";
import { present } from "#web/release/search.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Icon } from "#web/ui/icons.tsx";
import { Loading, Page } from "#web/ui/page.tsx";
import { viewerZone } from "#web/ui/time.ts";
import { EmptyState, ErrorNote, Note } from "#web/ui/widgets.tsx";
import { AgendaList } from "./agenda-list.tsx";
import { CalendarTabs } from "./calendar-tabs.tsx";
import { CoverPanel } from "./cover-panel.tsx";
import { dayOf, monthOf, rangeOf, weekOf, type Day } from "./days.ts";
import { DraftPanel } from "./draft-panel.tsx";
import type { Entry } from "./entries.ts";
import { ignoredWhenOpened, withKnownNames } from "./ignored.ts";
import { MonthGrid } from "./month-grid.tsx";
import { NextOpenings } from "./next-openings.tsx";
import { useOverview } from "./queries.ts";
import { Readout } from "./readout.tsx";
import type { CalendarSearch, CalendarViewName } from "./search.ts";
import { SourceStrip } from "./source-strip.tsx";
import { Toolbar } from "./toolbar.tsx";
import { WeekLanes } from "./week-lanes.tsx";
import "./calendar.css";

/** When what is open: the spans that verdicts are judged by, with freezes and deployments over them. */
export function CalendarPage(): ReactElement {
  const search = useSearch({ from: "/calendar" });
  const navigate = useNavigate({ from: "/calendar" });
  const change = useCallback(
    (part: CalendarSearch) => void navigate({ search: present({ ...search, ...part }), replace: true }),
    [navigate, search],
  );
  const matrix = useMatrix(undefined);
  return (
    <Page
      title="Calendar"
      side={
        <Button
          variant="default"
          leftSection={<Icon name="plus" />}
          aria-expanded={search.draft === "open"}
          onClick={() => change({ draft: search.draft === "open" ? undefined : "open", text: undefined })}
        >
          Draft a rule
        </Button>
      }
    >
      <CalendarTabs />
      {matrix.error !== null && <ErrorNote error={matrix.error} />}
      {matrix.isPending && matrix.error === null && <Loading lines={8} />}
      {matrix.data !== undefined && matrix.data.environments.length === 0 && <NoEnvironments />}
      {matrix.data !== undefined && matrix.data.environments.length > 0 && (
        <KnownCalendar
          search={search}
          environments={matrix.data.environments}
          services={matrix.data.services.map(({ name }) => name)}
          onChange={change}
        />
      )}
    </Page>
  );
}

interface CalendarProps {
  readonly search: CalendarSearch;
  readonly environments: CalendarOverview["environments"];
  readonly services: readonly string[];
  readonly onChange: (part: CalendarSearch) => void;
}

/** The calendar without what the address asks for and there is not, and a note that says so. */
function KnownCalendar({ search: asked, environments, services, onChange }: CalendarProps): ReactElement {
  const [ignored] = useState(ignoredWhenOpened);
  const names = environments.map(({ name }) => name);
  const { search, unknown } = withKnownNames(asked, names, services);
  const unused = [...new Set([...ignored, ...unknown])];
  return (
    <>
      {unused.length > 0 && (
        <Note tone="wait" icon="warning">
          The address asks for {unused.join(", ")}, which there is not. It is left out here.
        </Note>
      )}
      <Calendar search={search} environments={environments} services={services} onChange={onChange} />
    </>
  );
}

/** Days of an agenda: four weeks. */
const agendaDays = 28;

function daysOf(view: CalendarViewName, date: Temporal.PlainDate, zone: string): readonly Day[] {
  switch (view) {
    case "month":
      return monthOf(date, zone).flat();
    case "week":
      return weekOf(date, zone);
    case "agenda":
      return Array.from({ length: agendaDays }, (_, index) => dayOf(date.add({ days: index }), zone));
  }
}

function Calendar({ search, environments, services, onChange }: CalendarProps): ReactElement {
  const now = useNow(30_000);
  const view = search.view ?? "week";
  // A month shows one environment: that of the search, or the last one of promotion.
  const chosen = environments.find(({ name }) => name === search.environment) ?? environments.at(-1);
  const environment = view === "month" || search.lanes === "unit" ? chosen?.name : search.environment;
  const zone = search.zone ?? (environment === undefined ? viewerZone() : (chosen?.zone ?? viewerZone()));
  const today = now.toZonedDateTimeISO(zone).toPlainDate();
  const date = search.date === undefined ? today : Temporal.PlainDate.from(search.date);
  const days = daysOf(view, date, zone);
  const lanes = view === "week" ? search.lanes : undefined;
  const { data, error, isPending } = useOverview(rangeOf(days), { lanes, environment, service: search.service });
  const zones = [zone, viewerZone()];
  useZoneInAddress(search.zone, zone, onChange);
  return (
    <>
      <Toolbar
        search={search}
        view={view}
        date={date}
        days={days}
        zone={zone}
        environment={environment}
        environments={environments}
        services={services}
        onChange={onChange}
      />
      {search.draft === "open" && <DraftPanel draft={search.text} onChange={onChange} />}
      {error !== null && <ErrorNote error={error} />}
      {isPending && error === null && <Loading lines={8} />}
      {data !== undefined && (
        <>
          <SourceStrip />
          <Notices overview={data} days={days} />
          <div className={`calendar-body ${view}-view`}>
            <View view={view} overview={data} days={days} date={date} zone={zone} zones={zones} onChange={onChange} />
            <NextOpenings chosen={chosen?.name} shown={environment} service={search.service} zones={zones} />
          </div>
          {chosen !== undefined && search.service !== undefined && (
            <CoverPanel environment={chosen.name} service={search.service} />
          )}
        </>
      )}
    </>
  );
}

/** Whoever opens a copied address sees the same days, on whatever clock their own machine is. */
function useZoneInAddress(named: string | undefined, zone: string, onChange: CalendarProps["onChange"]): void {
  useEffect(() => {
    if (named === undefined) onChange({ zone });
  }, [named, zone, onChange]);
}

interface ViewProps {
  readonly view: CalendarViewName;
  readonly overview: CalendarOverview;
  readonly days: readonly Day[];
  readonly date: Temporal.PlainDate;
  readonly zone: string;
  readonly zones: readonly string[];
  readonly onChange: (part: CalendarSearch) => void;
}

function View({ view, overview, days, date, zone, zones, onChange }: ViewProps): ReactElement {
  const [current, setCurrent] = useState<Entry | null>(null);
  const { lanes } = overview;
  switch (view) {
    case "agenda":
      return <AgendaList lanes={lanes} days={days} zones={zones} />;
    case "week":
      return (
        <div className="stack">
          <Readout entry={current} zones={zones} />
          <WeekLanes lanes={lanes} days={days} zones={zones} current={current} onCurrent={setCurrent} />
          <Legend />
        </div>
      );
    case "month": {
      const [lane] = lanes;
      const onDate = (next: Temporal.PlainDate): void => onChange({ date: next.toString() });
      if (lane === undefined) return <p className="dim">No environment is declared.</p>;
      return (
        <div className="stack">
          <MonthGrid lane={lane} weeks={monthOf(date, zone)} date={date} zone={zone} onDate={onDate} />
          <Legend />
          <AgendaList lanes={[lane]} days={[dayOf(date, zone)]} zones={zones} />
        </div>
      );
    }
  }
}

/** What everybody who looks at these days should know first. */
function Notices({
  overview,
  days,
}: {
  readonly overview: CalendarOverview;
  readonly days: readonly Day[];
}): ReactElement {
  const { from, to } = rangeOf(days);
  const isShown = (at: Temporal.Instant): boolean =>
    Temporal.Instant.compare(from, at) <= 0 && Temporal.Instant.compare(at, to) < 0;
  const changes = new Set(
    overview.lanes.flatMap(({ clockChanges }) =>
      clockChanges.filter(({ at }) => isShown(Temporal.Instant.from(at))).map(({ sentence }) => sentence),
    ),
  );
  const faults = new Set(overview.lanes.flatMap((lane) => lane.faults.map(({ message }) => message)));
  return (
    <>
      {[...faults].map((message) => (
        <Note key={message} tone="bad" icon="warning">
          Closed, because a rule cannot be read: {message}
        </Note>
      ))}
      {[...changes].map((sentence) => (
        <Note key={sentence} tone="wait" icon="clock">
          {sentence}
        </Note>
      ))}
      {overview.truncated && (
        <Note tone="wait" icon="warning">
          There is more in these days than is shown. Choose an environment or a service.
        </Note>
      )}
    </>
  );
}

function Legend(): ReactElement {
  return (
    <ul className="row small dim legend">
      <li>
        <span className="shade opening" aria-hidden="true" /> open
      </li>
      <li>
        <span className="shade freeze" aria-hidden="true" /> frozen
      </li>
      <li>
        <span className="shade caution" aria-hidden="true" /> caution, not closed
      </li>
      <li>
        <span className="shade booking" aria-hidden="true" /> deployment
      </li>
      <li>
        <span className="shade some" aria-hidden="true" /> rule for some services only
      </li>
      <li className="keys-hint">
        <kbd>←</kbd> <kbd>→</kbd> <kbd>↑</kbd> <kbd>↓</kbd> move
      </li>
    </ul>
  );
}

function NoEnvironments(): ReactElement {
  return (
    <div className="panel">
      <EmptyState icon="clock" title="No environments yet" command="tidegate apply -f DIRECTORY">
        The calendar shows when each environment is open. Environments, windows and freezes come from the configuration:
      </EmptyState>
    </div>
  );
}

import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { meQuery } from "#web/access/session.ts";
import { CoverPanel } from "#web/calendar/cover-panel.tsx";
import { NextOpenings } from "#web/calendar/next-openings.tsx";
import { DeedDialog } from "#web/exemption/deed-dialog.tsx";
import { DebtLine, EmergencyLine, ExemptionLine, type LineContext } from "#web/exemption/lines.tsx";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { viewerZone } from "#web/ui/time.ts";
import { CommandLine, EmptyState, ErrorNote } from "#web/ui/widgets.tsx";
import { present } from "./search.ts";
import { ServiceNames } from "./service-names.tsx";
import { chosenPlace, useService, type ServicePage as Body } from "./service.ts";
import { Demands, Freezes, Places, StoppedBy, Work } from "./service-parts.tsx";
import { StrategyPanel } from "./strategy-panel.tsx";
import "./service.css";

/** One service: where it is, what is under way, when it opens, what is demanded of it, and what stops or exempts it. */
export function ServicePage(): ReactElement {
  const { name } = useParams({ from: "/services/$name" });
  const { data, error } = useService(name);
  if (data === undefined) {
    return <Page title={name}>{error === null ? <Loading lines={8} /> : <Unknown name={name} error={error} />}</Page>;
  }
  return (
    <Page
      title={`Service ${name}`}
      heading={
        <>
          <span className="dim">Service</span> {name}
        </>
      }
      side={
        <>
          <Link to="/deployments" search={{ service: name }}>
            All deployments
          </Link>
          <Link to="/deployments" search={{ service: name, request: "open" }} className="act-button">
            Deploy…
          </Link>
        </>
      }
    >
      {error !== null && <ErrorNote error={error} />}
      <Columns page={data} />
    </Page>
  );
}

function Unknown({ name, error }: { readonly name: string; readonly error: unknown }): ReactElement {
  return (
    <>
      <ErrorNote error={error} />
      <div className="panel">
        <EmptyState icon="question" title={`Nothing is known of ${name}`}>
          It may have been taken out of the configuration. <Link to="/matrix">All services</Link>
        </EmptyState>
      </div>
    </>
  );
}

function Columns({ page }: { readonly page: Body }): ReactElement {
  const search = useSearch({ from: "/services/$name" });
  const navigate = useNavigate({ from: "/services/$name" });
  const { data: me } = useQuery(meQuery);
  const place = chosenPlace(page, search.environment);
  const change = (part: Partial<typeof search>): void =>
    void navigate({ search: present({ ...search, ...part }), replace: true });
  const context: LineContext = { me, onAsk: (ask, of) => change({ ask, of }) };
  const { name } = page;
  return (
    <>
      <div className="service-columns">
        <div className="stack">
          <Places page={page} chosen={place?.name} onChoose={(environment) => change({ environment })} />
          <Work service={name} />
          <StoppedBy page={page} />
          <Deviations page={page} context={context} />
          {place !== undefined && <CoverPanel environment={place.name} service={name} />}
        </div>
        <div className="stack">
          <About page={page} />
          {place !== undefined && (
            <>
              <Demands place={place} service={name} />
              <StrategyPanel environment={place.name} service={name} />
              <NextOpenings chosen={place.name} shown={place.name} service={name} zones={[viewerZone()]} />
              <Freezes environment={place.name} service={name} />
            </>
          )}
        </div>
      </div>
      <div>
        <CommandLine command={`tidegate service ${name}`} />
      </div>
      <DeedDialog
        search={search}
        about={place === undefined ? null : { service: name, version: "", environment: place.name, deployment: null }}
        onClose={() => change({ ask: undefined, of: undefined })}
      />
    </>
  );
}

function About({ page }: { readonly page: Body }): ReactElement {
  const others = [...page.tags, ...page.dataClasses];
  return (
    <Panel title="Facts">
      <dl className="facts">
        <dt>Team</dt>
        <dd>
          {page.team}, unit {page.unit}
        </dd>
        <dt>Tier</dt>
        <dd>{page.tier}</dd>
        {others.length > 0 && (
          <>
            <dt>Marked</dt>
            <dd>{others.join(", ")}</dd>
          </>
        )}
        <dt>Needs</dt>
        <dd>
          <ServiceNames names={page.dependsOn.filter(({ kind }) => kind !== "external").map(({ on }) => on)} />
          {page.dependsOn
            .filter(({ kind }) => kind === "external")
            .map(({ on }) => (
              <span key={on} className="dim">
                {on} (external){" "}
              </span>
            ))}
        </dd>
        <dt>Used by</dt>
        <dd>
          <ServiceNames names={page.dependants} />
        </dd>
      </dl>
    </Panel>
  );
}

function Deviations({ page, context }: { readonly page: Body; readonly context: LineContext }): ReactElement {
  const { exemptions, emergencies, debts, team } = page;
  const isEmpty = exemptions.length + emergencies.length + debts.length === 0;
  return (
    <Panel title="Let through in spite of a rule" side={<Link to="/exemptions">All</Link>}>
      {isEmpty && <p className="dim">No exemption and no emergency is open, and team {team} owes nothing.</p>}
      <ul className="holds">
        {exemptions.map((one) => (
          <ExemptionLine key={one.id} one={one} {...context} />
        ))}
        {emergencies.map((one) => (
          <EmergencyLine key={one.id} one={one} {...context} />
        ))}
        {debts.map((one) => (
          <DebtLine key={one.id} one={one} {...context} />
        ))}
      </ul>
    </Panel>
  );
}

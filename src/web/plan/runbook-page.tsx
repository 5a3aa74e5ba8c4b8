import type { ReactElement } from "react";
import { Button } from "@mantine/core";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { DocumentPanel } from "#web/policy/document-panel.tsx";
import { shortDigest } from "#web/policy/policies.ts";
import { present } from "#web/release/search.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { span } from "#web/ui/time.ts";
import { CommandLine, ErrorNote, Note, TimeText } from "#web/ui/widgets.tsx";
import { PlanTabs } from "./plan-tabs.tsx";
import { useRunbook, type RunbookPageBody } from "./queries.ts";
import { partName } from "./run.ts";
import { HighRisk } from "./runbooks-page.tsx";
import type { RunbookSearch } from "./search.ts";
import { StartDialog } from "./start-dialog.tsx";
import { StepGraph } from "./step-graph.tsx";
import "#web/policy/policies.css";

/** One runbook in one of its versions: its steps, the way back, and how it came to be so. */
export function RunbookPage(): ReactElement {
  const { name } = useParams({ from: "/runbooks/$name" });
  const search = useSearch({ from: "/runbooks/$name" });
  const navigate = useNavigate({ from: "/runbooks/$name" });
  const { data, error } = useRunbook(name, search.version);
  // Without another version it is the one that is shown, which is read once.
  const other = useRunbook(name, search.against ?? search.version);
  const change = (part: RunbookSearch): void =>
    void navigate({ search: present({ ...search, ...part }), replace: true });
  if (data === undefined) {
    return <Page title={name}>{error === null ? <Loading lines={8} /> : <ErrorNote error={error} />}</Page>;
  }
  const start = data.actions.find((action) => action.name === "start");
  return (
    <Page
      title={`Runbook ${name}`}
      heading={
        <>
          <span className="dim">Runbook</span> {name}
        </>
      }
      side={start?.allowed === true && <Button onClick={() => change({ start: "open" })}>Begin a run…</Button>}
    >
      <PlanTabs />
      {data.runbook === null && (
        <Note tone="bad" icon="warning">
          <strong>This version cannot be read any more.</strong> What it says stands below, as it was written.
        </Note>
      )}
      <div className="policy-columns">
        <div className="stack">
          <Facts page={data} because={start?.allowed === false ? start.because : null} />
          <Versions page={data} />
        </div>
        <div className="stack">
          {data.steps.length > 0 && <Steps page={data} />}
          <DocumentPanel
            {...data}
            against={search.against}
            onCompare={(against) => change({ against })}
            other={other}
          />
        </div>
      </div>
      {search.start === "open" && start?.allowed === true && (
        <StartDialog page={data} onClose={() => change({ start: undefined })} />
      )}
    </Page>
  );
}

function Facts(props: { readonly page: RunbookPageBody; readonly because: string | null }): ReactElement {
  const { runbook, name, usual } = props.page;
  return (
    <Panel title="Facts">
      {runbook !== null && (
        <>
          {runbook.summary !== "" && <p>{runbook.summary}</p>}
          <HighRisk runbook={runbook} />
          <dl className="facts">
            <dt>Owner</dt>
            <dd>{runbook.owner}</dd>
            <dt>Over within</dt>
            <dd>{span(runbook.within)}</dd>
            <dt>Way back</dt>
            <dd>{span(runbook.wayBack)} at most</dd>
            <dt>Usually</dt>
            <dd>{usual === null ? "too few runs to say" : `${span(usual)} at most, nine times of ten`}</dd>
          </dl>
        </>
      )}
      <p className="small">
        <Link to="/runs" search={{ runbook: name, state: "all" }}>
          Runs of {name}
        </Link>
      </p>
      {props.because !== null && <p className="small dim">Begin a run: {props.because}</p>}
      <div className="facts-command">
        <CommandLine command={`tidegate runbook show ${name}`} />
      </div>
    </Panel>
  );
}

function Versions({ page }: { readonly page: RunbookPageBody }): ReactElement {
  const now = useNow(30_000);
  return (
    <Panel title="Versions">
      <ol className="policy-versions">
        {page.versions.map((one, index) => (
          <li key={`${one.version} ${one.from}`}>
            <Link
              to="/runbooks/$name"
              params={{ name: page.name }}
              search={{ version: one.version }}
              aria-current={one.version === page.version ? "true" : undefined}
            >
              v{page.versions.length - index} <span className="mono">{shortDigest(one.version)}</span>
            </Link>
            <span className="small dim">
              {one.appliedBy}, <TimeText at={one.from} now={now} form="both" />
              {one.to === null ? "; in force" : ""}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Steps({ page }: { readonly page: RunbookPageBody }): ReactElement {
  return (
    <Panel title="Steps">
      <StepGraph steps={page.steps.map((step) => ({ ...step, state: null }))} label={page.name} />
      <ol className="run-steps">
        {page.steps
          .filter(({ part }) => part !== "undo")
          .map((step) => (
            <li key={`${step.part} ${step.name}`} className="run-step">
              <div className="run-step-head">
                <strong>{step.name}</strong>
                <span className="small dim">
                  {partName(step.part).toLowerCase()}, {span(step.timeout)} at most
                  {step.after.length > 0 && `, after ${step.after.join(", ")}`}
                  {step.asks !== null && `, asks ${step.asks}`}
                  {step.uses.map(({ resource, units }) => `, uses ${units} of ${resource}`)}
                </span>
              </div>
              <p className="run-step-does">{step.does}</p>
              {step.undo !== null && (
                <p className="small">
                  <span className="dim">Taken back:</span> {step.undo}
                </p>
              )}
            </li>
          ))}
      </ol>
    </Panel>
  );
}

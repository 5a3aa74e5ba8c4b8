import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { shortDigest } from "#web/policy/policies.ts";
import { Loading, Page } from "#web/ui/page.tsx";
import { span } from "#web/ui/time.ts";
import { Badge, CommandLine, EmptyState, ErrorNote } from "#web/ui/widgets.tsx";
import { PlanTabs } from "./plan-tabs.tsx";
import { runbooksQuery } from "./queries.ts";
import type { Runbook } from "./run.ts";

/** Plans that people wrote down, as they are in force. */
export function RunbooksPage(): ReactElement {
  const { data, error } = useQuery(runbooksQuery);
  return (
    <Page title="Runbooks">
      <PlanTabs />
      {error !== null && <ErrorNote error={error} />}
      {data === undefined && error === null && <Loading lines={5} />}
      {data?.items.length === 0 && (
        <div className="panel">
          <EmptyState icon="book" title="No runbooks yet" command="tidegate apply -f DIRECTORY">
            A runbook says step by step how something is done and how it is taken back. It is a document of kind Runbook
            like every other: write one, and apply it with the rest:
          </EmptyState>
        </div>
      )}
      {data !== undefined && data.items.length > 0 && (
        <>
          <ul className="runbooks">
            {data.items.map((runbook) => (
              <RunbookCard key={runbook.name} runbook={runbook} />
            ))}
          </ul>
          <div>
            <CommandLine command="tidegate runbook list" />
          </div>
        </>
      )}
    </Page>
  );
}

function RunbookCard({ runbook }: { readonly runbook: Runbook }): ReactElement {
  return (
    <li className="panel runbook-card">
      <h2>
        <Link to="/runbooks/$name" params={{ name: runbook.name }}>
          {runbook.name}
        </Link>
      </h2>
      <p>{runbook.summary === "" ? <span className="dim">Nobody has said what it is for.</span> : runbook.summary}</p>
      <HighRisk runbook={runbook} />
      <p className="small dim">
        {runbook.steps} {runbook.steps === 1 ? "step" : "steps"}, over within {span(runbook.within)}, way back{" "}
        {span(runbook.wayBack)}. {runbook.owner} answers for it.{" "}
        <span className="mono" title={runbook.version}>
          {shortDigest(runbook.version)}
        </span>
      </p>
      <Link to="/runs" search={{ runbook: runbook.name, state: "all" }} className="small">
        Runs of {runbook.name}
      </Link>
    </li>
  );
}

export function HighRisk({ runbook }: { readonly runbook: Pick<Runbook, "overseer"> }): ReactElement | null {
  if (runbook.overseer === null) return null;
  return (
    <div className="high-risk">
      <Badge tone="wait" icon="hand" label={`High risk: ${runbook.overseer} has to be present`} />
    </div>
  );
}

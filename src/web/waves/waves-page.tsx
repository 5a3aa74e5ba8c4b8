import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { HighRisk } from "#web/plan/runbooks-page.tsx";
import { PlanTabs } from "#web/plan/plan-tabs.tsx";
import { looksOf } from "#web/plan/run.ts";
import { Loading, Page } from "#web/ui/page.tsx";
import { span } from "#web/ui/time.ts";
import { Badge, CommandLine, EmptyState, ErrorNote } from "#web/ui/widgets.tsx";
import { useWaveRuns, wavePlansQuery, type WavePlan } from "./queries.ts";
import "./waves.css";

/** Plans that take a service round the world, as they are in force. */
export function WavesPage(): ReactElement {
  const { data, error } = useQuery(wavePlansQuery);
  return (
    <Page title="Waves">
      <PlanTabs />
      {error !== null && <ErrorNote error={error} />}
      {data === undefined && error === null && <Loading lines={5} />}
      {data?.items.length === 0 && (
        <div className="panel">
          <EmptyState icon="queue" title="No wave plans yet" command="tidegate apply -f DIRECTORY">
            A wave plan takes a service from region to region, each target in its own window, with a soak in between. It
            is a document of kind WavePlan like every other: write one, and apply it with the rest:
          </EmptyState>
        </div>
      )}
      {data !== undefined && data.items.length > 0 && (
        <>
          <ul className="runbooks">
            {data.items.map((plan) => (
              <PlanCard key={plan.name} plan={plan} />
            ))}
          </ul>
          <div>
            <CommandLine command="tidegate waves list" />
          </div>
        </>
      )}
    </Page>
  );
}

function PlanCard({ plan }: { readonly plan: WavePlan }): ReactElement {
  const [last] = useWaveRuns(plan.name);
  const targets = plan.regions.reduce((sum, { environments }) => sum + environments.length, 0);
  return (
    <li className="panel runbook-card">
      <h2>
        <Link to="/waves/$name" params={{ name: plan.name }}>
          {plan.name}
        </Link>
      </h2>
      <p>{plan.summary === "" ? <span className="dim">Nobody has said what it is for.</span> : plan.summary}</p>
      <HighRisk runbook={plan} />
      <Regions plan={plan} />
      <p className="small dim">
        {plan.service} in {targets} {targets === 1 ? "target" : "targets"}, soak {span(plan.soak)}
        {plan.mixLimit === null ? "" : `, old beside new for ${span(plan.mixLimit)} at most`}. {plan.owner} answers for
        it.
      </p>
      {last !== undefined && (
        <p className="small">
          <span className="run-looks">
            {looksOf(last).map((look) => (
              <Badge key={look.label} {...look} />
            ))}
            <Link to="/runs/$id" params={{ id: last.id }}>
              {last.state === "running" ? "The run under way" : "The last run"}
              <span className="hidden-visually"> of {plan.name}</span>
            </Link>
          </span>
        </p>
      )}
    </li>
  );
}

/** The regions in their order. */
export function Regions({ plan }: { readonly plan: Pick<WavePlan, "regions"> }): ReactElement {
  return (
    <ol className="wave-regions" aria-label="Regions in their order">
      {plan.regions.map(({ name, environments }) => (
        <li key={name} className="wave-region" title={environments.join(", ")}>
          {name} <span className="dim">{environments.length}</span>
        </li>
      ))}
    </ol>
  );
}

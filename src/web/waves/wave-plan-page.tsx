import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { PlanTabs } from "#web/plan/plan-tabs.tsx";
import { HighRisk } from "#web/plan/runbooks-page.tsx";
import { looksOf, type RunSummary } from "#web/plan/run.ts";
import { shortDigest } from "#web/policy/policies.ts";
import { shortId } from "#web/release/deployment.ts";
import { present } from "#web/release/search.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { span } from "#web/ui/time.ts";
import { Badge, CommandLine, EmptyState, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { useWaveRuns, wavePlansQuery, type WavePlan } from "./queries.ts";
import type { WavePlanSearch } from "./search.ts";
import { WaveForecast } from "./wave-forecast.tsx";
import { WaveRunPanel } from "./wave-run-panel.tsx";
import { Regions } from "./waves-page.tsx";
import "#web/policy/policies.css";
import "./waves.css";

/** More are in the list of runs. */
const shownRuns = 5;

/** One wave plan: its run under way over time, and when the waves of a version would go. */
export function WavePlanPage(): ReactElement {
  const { name } = useParams({ from: "/waves/$name" });
  const { data, error } = useQuery(wavePlansQuery);
  const plan = data?.items.find((one) => one.name === name);
  return (
    <Page
      title={`Wave plan ${name}`}
      heading={
        <>
          <span className="dim">Wave plan</span> {name}
        </>
      }
    >
      <PlanTabs />
      {error !== null && <ErrorNote error={error} />}
      {data === undefined && error === null && <Loading lines={8} />}
      {data !== undefined && plan === undefined && (
        <div className="panel">
          <EmptyState icon="question" title="There is no such wave plan" command="tidegate waves list">
            No wave plan {name} is in force. Its runs keep what it was: see{" "}
            <Link to="/runs" search={{ runbook: name, state: "all" }}>
              runs of {name}
            </Link>
            , or <Link to="/waves">those in force</Link>.
          </EmptyState>
        </div>
      )}
      {plan !== undefined && <Plan plan={plan} />}
    </Page>
  );
}

function Plan({ plan }: { readonly plan: WavePlan }): ReactElement {
  const search = useSearch({ from: "/waves/$name" });
  const navigate = useNavigate({ from: "/waves/$name" });
  const change = (part: Partial<WavePlanSearch>): void =>
    void navigate({ search: present({ ...search, ...part }), replace: true });
  const runs = useWaveRuns(plan.name);
  const [run] = runs;
  return (
    <div className="policy-columns">
      <div className="stack">
        <Facts plan={plan} />
        <Runs plan={plan} runs={runs} />
      </div>
      <div className="stack">
        {run !== undefined && <WaveRunPanel id={run.id} plan={plan} />}
        <WaveForecast plan={plan} search={search} onChange={change} />
      </div>
    </div>
  );
}

function Facts({ plan }: { readonly plan: WavePlan }): ReactElement {
  const { growth, soak, mixLimit, health, whenFailed } = plan;
  return (
    <Panel title="Facts">
      <div className="stack">
        {plan.summary !== "" && <p>{plan.summary}</p>}
        <HighRisk runbook={plan} />
        <Regions plan={plan} />
        <dl className="facts">
          <dt>Service</dt>
          <dd>
            <Link to="/services/$name" params={{ name: plan.service }}>
              {plan.service}
            </Link>
          </dd>
          <dt>Owner</dt>
          <dd>{plan.owner}</dd>
          <dt>Waves grow</dt>
          <dd>{growth === null ? "as the risk asks" : `${growth.join(", ")}, then what is left of a region`}</dd>
          <dt>Soak</dt>
          <dd>
            {span(soak)}, {health === "reported" ? "only while the service is reported well" : "each judges itself"}
          </dd>
          <dt>Old beside new</dt>
          <dd>{mixLimit === null ? "as long as it takes" : `${span(mixLimit)} at most`}</dd>
          <dt>When it fails</dt>
          <dd>{whenFailed === "take-back" ? "everything is taken back" : "what went well stays"}</dd>
          <dt>Version</dt>
          <dd className="mono" title={plan.version}>
            {shortDigest(plan.version)}
          </dd>
        </dl>
        <div>
          <CommandLine command="tidegate waves list" />
        </div>
      </div>
    </Panel>
  );
}

function Runs({ plan, runs }: { readonly plan: WavePlan; readonly runs: readonly RunSummary[] }): ReactElement {
  const now = useNow(30_000);
  return (
    <Panel
      title="Runs"
      side={
        <Link to="/runs" search={{ runbook: plan.name, state: "all" }}>
          All of them
        </Link>
      }
    >
      {runs.length === 0 && <p className="dim">None yet: name a version, look when it would go, and begin.</p>}
      <ul className="wave-runs">
        {runs.slice(0, shownRuns).map((run) => (
          <li key={run.id}>
            <span className="run-looks">
              {looksOf(run).map((look) => (
                <Badge key={look.label} {...look} />
              ))}
              <Link to="/runs/$id" params={{ id: run.id }} className="mono">
                {shortId(run.id)}
              </Link>
            </span>
            <span className="small dim">
              {run.owner}, <TimeText at={run.startedAt} now={now} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

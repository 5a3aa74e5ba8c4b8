import type { ReactElement } from "react";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Approvals } from "#web/approval/approvals.tsx";
import { CriteriaPanel } from "#web/criteria/criteria-panel.tsx";
import { useZoneOf } from "#web/policy/questions.ts";
import { useNotices } from "#web/policy/notices.ts";
import { DecisionPanel } from "#web/rollback/decision-panel.tsx";
import { openDecision, useWayBack } from "#web/rollback/way-back.ts";
import { WayBackPanel } from "#web/rollback/way-back-panel.tsx";
import { ProgressList } from "#web/rollout/progress-list.tsx";
import { holdOf } from "#web/rollout/progress.ts";
import { LiveWatchPanel } from "#web/rollout/live-watch.tsx";
import { TrafficPanel } from "#web/rollout/traffic-panel.tsx";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { Badge, CommandLine, CopyButton, ErrorNote, ShareBar, ZonedTime } from "#web/ui/widgets.tsx";
import { DeploymentActions } from "./action-bar.tsx";
import { watchCommand } from "./command-line.ts";
import { heldLook, isOpen, shortId, stateLook, subjectOf, type DeploymentDetail } from "./deployment.ts";
import { useDeployment } from "./queries.ts";
import { present } from "./search.ts";
import { TimelineTable } from "./timeline-table.tsx";
import { WhyOfDeployment } from "./why-of-deployment.tsx";
import "./deployment.css";

export function DeploymentPage(): ReactElement {
  const { id } = useParams({ from: "/deployments/$id" });
  const { data, error } = useDeployment(id);
  if (data === undefined) {
    return (
      <Page title={`Deployment ${shortId(id)}`}>
        {error === null ? <Loading lines={8} /> : <ErrorNote error={error} />}
      </Page>
    );
  }
  const title = `${subjectOf(data)}: ${stateLook(data.state).label.toLowerCase()}`;
  return (
    <Page
      title={title}
      heading={<Heading deployment={data} />}
      side={
        <>
          {data.startedAt !== null && (
            <Link to="/deployments/$id/canary" params={{ id }} className="small">
              Canary: why
            </Link>
          )}
          <Link to="/deployments/$id/slot" params={{ id }} className="small">
            Slot and negotiation
          </Link>
          <CopyButton text={location.href} label="Copy link" describes="to this deployment" />
        </>
      }
    >
      {error !== null && <ErrorNote error={error} />}
      <Headline deployment={data} />
      <DecisionPanel id={data.id} />
      <Columns deployment={data} />
    </Page>
  );
}

function Heading({ deployment }: { readonly deployment: DeploymentDetail }): ReactElement {
  return (
    <>
      <Link to="/services/$name" params={{ name: deployment.service }} className="heading-link">
        {deployment.service}
      </Link>{" "}
      <span className="mono">{deployment.version}</span> <span className="dim">to</span> {deployment.environment}
    </>
  );
}

/** Why it is not moving, what it does, or how it ended; then what the viewer may do about it. */
function Headline({ deployment }: { readonly deployment: DeploymentDetail }): ReactElement {
  const search = useSearch({ from: "/deployments/$id" });
  const navigate = useNavigate({ from: "/deployments/$id" });
  const hold = holdOf(deployment);
  const look = hold === null ? stateLook(deployment.state) : heldLook;
  return (
    <section className={`panel headline tone-${look.tone}`} aria-label="State">
      <div className="headline-row">
        <Badge tone={look.tone} icon={look.icon} label={look.label} />
        {deployment.startedAt !== null && (
          <span className="row">
            <span className="small dim">Traffic share</span>
            <ShareBar percent={deployment.percent} tone={look.tone} />
          </span>
        )}
      </div>
      <p className="headline-sentence" aria-live="polite">
        {deployment.headline}
      </p>
      {typeof hold?.until === "string" && (
        <HoldEnd id={deployment.id} until={hold.until} environment={deployment.environment} />
      )}
      {deployment.queue !== null && <QueuePlace queue={deployment.queue} environment={deployment.environment} />}
      <DeploymentActions
        deployment={deployment}
        asking={search.ask}
        onAsk={(name) => void navigate({ search: present({ ...search, ask: name }), replace: true })}
      />
    </section>
  );
}

interface HoldEndProps {
  readonly id: string;
  readonly until: string;
  readonly environment: string;
}

function HoldEnd({ id, until, environment }: HoldEndProps): ReactElement | null {
  const now = useNow(1000);
  const zone = useZoneOf(environment);
  const { data } = useWayBack(id);
  // Where somebody is named who decides, that panel says what comes of silence.
  if (data !== undefined && openDecision(data) !== null) return null;
  return (
    <p className="dim">
      Without a decision it goes back <ZonedTime at={until} now={now} zone={zone} />.
    </p>
  );
}

interface QueueProps {
  readonly queue: NonNullable<DeploymentDetail["queue"]>;
  readonly environment: string;
}

function QueuePlace({ queue, environment }: QueueProps): ReactElement {
  const now = useNow(1000);
  const zone = useZoneOf(environment);
  return (
    <p className="dim">
      Place {queue.position} in the queue
      {queue.holder !== null && (
        <>
          {" "}
          behind{" "}
          <Link to="/deployments/$id" params={{ id: queue.holder }}>
            {shortId(queue.holder)}
          </Link>
        </>
      )}
      {queue.expectedTo !== null && (
        <>
          , expected to be free <ZonedTime at={queue.expectedTo} now={now} zone={zone} />
        </>
      )}
      .
    </p>
  );
}

function Columns({ deployment }: { readonly deployment: DeploymentDetail }): ReactElement {
  const { data: notices } = useNotices({ deployment: deployment.id });
  const search = useSearch({ from: "/deployments/$id" });
  const navigate = useNavigate({ from: "/deployments/$id" });
  return (
    <div className="deployment-columns">
      <div className="stack">
        <Panel title="Progress">
          <ProgressList deployment={deployment} />
        </Panel>
        <Facts deployment={deployment} />
      </div>
      <div className="stack">
        <LiveWatchPanel
          deployment={deployment}
          asking={search.ask}
          onAsk={(ask) => void navigate({ search: present({ ...search, ask }), replace: true })}
        />
        <TrafficPanel deployment={deployment} />
        <CriteriaPanel deployment={deployment} />
        <WayBackPanel id={deployment.id} />
        <WhyOfDeployment deployment={deployment} />
        <Approvals deployment={deployment} />
        <Panel title="Timeline" edge="flush">
          <TimelineTable deployment={deployment} notices={notices?.items ?? []} />
        </Panel>
      </div>
    </div>
  );
}

function Facts({ deployment }: { readonly deployment: DeploymentDetail }): ReactElement {
  const now = useNow(1000);
  const zone = useZoneOf(deployment.environment);
  const times = [
    ["Requested", deployment.requestedAt],
    ["Started", deployment.startedAt],
    ["Ended", deployment.endedAt],
    ["Opens", isOpen(deployment.state) ? deployment.opensAt : null],
  ] as const;
  return (
    <Panel title="Facts">
      <dl className="facts">
        <dt>Action</dt>
        <dd>{deployment.action}</dd>
        {deployment.control !== null && (
          <>
            <dt>Live before</dt>
            <dd className="mono">{deployment.control}</dd>
          </>
        )}
        <dt>Asked for by</dt>
        <dd>{deployment.requestedBy}</dd>
        {times.map(([label, at]) =>
          at === null ? null : (
            <div key={label} className="facts-pair">
              <dt>{label}</dt>
              <dd>
                <ZonedTime at={at} now={now} zone={zone} />
              </dd>
            </div>
          ),
        )}
        <dt>Artifact</dt>
        <dd className="mono" title={deployment.digest}>
          {deployment.digest.slice(0, 19)}…
        </dd>
        {deployment.fence !== null && (
          <>
            <dt>Fence</dt>
            <dd className="mono">{deployment.fence}</dd>
          </>
        )}
      </dl>
      <div className="facts-command">
        <CommandLine command={watchCommand(deployment)} />
      </div>
    </Panel>
  );
}

import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { CriteriaPanel } from "#web/criteria/criteria-panel.tsx";
import { DeploymentActions } from "#web/release/action-bar.tsx";
import { isOpen, shortId, stateLook, subjectOf, type DeploymentDetail } from "#web/release/deployment.ts";
import { useDeployment } from "#web/release/queries.ts";
import { present } from "#web/release/search.ts";
import { clockQuery } from "#web/runtime/clock.ts";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { Badge, CopyButton, ErrorNote, ShareBar } from "#web/ui/widgets.tsx";
import { useCanary } from "./canary-queries.ts";
import { RatioPanel } from "./canary-ratio.tsx";
import { loudestMetric, missingText, needText, outcomeLook, placeText, type CanaryPicture } from "./canary.ts";
import { firstShiftOf, stageMarks } from "./progress.ts";
import { TrafficPanel } from "./traffic-panel.tsx";
import { productShift } from "./traffic.ts";
import "#web/release/deployment.css";
import "./canary.css";

/** Why a canary passes, turns back or is watched on. */
export function CanaryPage(): ReactElement {
  const { id } = useParams({ from: "/deployments/$id/canary" });
  const { data: deployment, error } = useDeployment(id);
  const { data: picture, error: unseen } = useCanary(id, deployment?.state);
  if (deployment === undefined || picture === undefined) {
    const wrong = error ?? unseen;
    return (
      <Page title={`Canary ${shortId(id)}`}>
        {wrong === null ? <Loading lines={8} /> : <ErrorNote error={wrong} />}
      </Page>
    );
  }
  return (
    <Page
      title={`Canary: ${subjectOf(deployment)}`}
      side={
        <>
          <Link to="/deployments/$id" params={{ id }} className="small">
            Deployment
          </Link>
          <CopyButton text={location.href} label="Copy link" describes="to this canary" />
        </>
      }
    >
      {unseen !== null && <ErrorNote error={unseen} />}
      <div className="stack">
        <Judgement deployment={deployment} picture={picture} />
        <CriteriaPanel deployment={deployment} />
        <Picture deployment={deployment} picture={picture} />
        <TrafficPanel deployment={deployment} />
      </div>
    </Page>
  );
}

interface CanaryProps {
  readonly deployment: DeploymentDetail;
  readonly picture: CanaryPicture;
}

/** What the judge says, where the run is, and who may end it. */
function Judgement({ deployment, picture }: CanaryProps): ReactElement {
  const search = useSearch({ from: "/deployments/$id/canary" });
  const navigate = useNavigate({ from: "/deployments/$id/canary" });
  const { now } = picture;
  const hasEnded = !isOpen(deployment.state);
  const look = hasEnded ? stateLook(deployment.state) : outcomeLook(now?.outcome ?? "not-enough");
  return (
    <section className={`panel headline tone-${look.tone}`} aria-label="Judgement">
      <div className="headline-row">
        {now === null && !hasEnded ? (
          <Badge tone="rest" icon="clock" label="Not judged yet" />
        ) : (
          <Badge tone={look.tone} icon={look.icon} label={look.label} />
        )}
        <span className="row">
          <span className="small dim">Traffic share</span>
          <ShareBar percent={deployment.percent} tone={look.tone} />
        </span>
      </div>
      <p className="headline-sentence" aria-live="polite">
        {deployment.headline}
      </p>
      <p>{now === null ? "The judge begins with the first share of the new version." : needText(now, hasEnded)}</p>
      {(hasEnded ? [] : (now?.holds ?? [])).map((hold) => (
        <p key={hold} className="dim">
          The position is held: {hold}.
        </p>
      ))}
      <Stages picture={picture} hasEnded={hasEnded} />
      <DeploymentActions
        deployment={deployment}
        asking={search.ask}
        onAsk={(ask) => void navigate({ search: present({ ...search, ask }), replace: true })}
      />
      <Aborters picture={picture} />
    </section>
  );
}

interface StagesProps extends Pick<CanaryProps, "picture"> {
  readonly hasEnded: boolean;
}

function Stages({ picture: { stages }, hasEnded }: StagesProps): ReactElement | null {
  if (stages.length === 0) return null;
  return (
    <ol className="stages" aria-label="Stages">
      {stages.map((stage) => (
        <li
          key={stage.percent}
          className={stage.place}
          {...(stage.place === "present" ? { "aria-current": "step" as const } : {})}
        >
          <strong>{stage.percent} %</strong>
          <span className="small">{placeText(stage, hasEnded)}</span>
          <span className="small dim">
            {stage.place === "ahead"
              ? `at least ${stage.minSeconds ?? "?"} s, ${stage.minRequests ?? "?"} requests`
              : `${stage.requests.toLocaleString("en-GB")} requests in ${stage.seconds} s`}
          </span>
          {missingText(stage) !== null && <span className="small dim">{missingText(stage)}</span>}
        </li>
      ))}
    </ol>
  );
}

function Aborters({ picture: { abort, state } }: Pick<CanaryProps, "picture">): ReactElement | null {
  if (state !== "running" || abort.people.length === 0) return null;
  return (
    <p className="small dim">
      May abort: {abort.people.join(", ")}
      {abort.more > 0 && ` and ${abort.more} more`}.
    </p>
  );
}

function Picture({ deployment, picture }: CanaryProps): ReactElement {
  const search = useSearch({ from: "/deployments/$id/canary" });
  const navigate = useNavigate({ from: "/deployments/$id/canary" });
  const { data: clock } = useQuery(clockQuery);
  const shift = productShift(
    picture.looks.map(({ second }) => second),
    clock?.shiftMs ?? 0,
    firstShiftOf(deployment.timeline),
  );
  return (
    <Panel
      title="What the judge knows"
      side={`${(1 - picture.alpha) * 100} % of such pictures hold the truth at every second`}
    >
      <RatioPanel
        picture={picture}
        shiftSeconds={shift}
        marks={stageMarks(deployment.timeline)}
        metric={search.metric ?? loudestMetric(picture)}
        isTable={search.view === "table"}
        onChange={(part) => void navigate({ search: present({ ...search, ...part }), replace: true })}
      />
    </Panel>
  );
}

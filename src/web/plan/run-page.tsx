import type { ReactElement, ReactNode } from "react";
import { Button } from "@mantine/core";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { shortDigest } from "#web/policy/policies.ts";
import { shortId } from "#web/release/deployment.ts";
import { present } from "#web/release/search.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { span } from "#web/ui/time.ts";
import { Badge, CommandLine, CopyButton, ErrorNote, Note, TimeText } from "#web/ui/widgets.tsx";
import { ConsentForm } from "./consent-form.tsx";
import { PlanTabs } from "./plan-tabs.tsx";
import { useRun } from "./queries.ts";
import { ClockPanel } from "./rollback-clock.tsx";
import { consentAsked, isAsking, looksOf, progressOf, type Run } from "./run.ts";
import { RunDialogs } from "./run-dialogs.tsx";
import { RunTimeline } from "./run-timeline.tsx";
import type { RunSearch } from "./search.ts";
import { StepGraph } from "./step-graph.tsx";
import { StepList } from "./step-list.tsx";
import { TaskForm } from "./task-form.tsx";
import "#web/release/deployment.css";

type Ask = NonNullable<RunSearch["ask"]>;

/** The command view of one run: who answers for it, what it does, what it waits for, and what people decided. */
export function RunPage(): ReactElement {
  const { id } = useParams({ from: "/runs/$id" });
  const search = useSearch({ from: "/runs/$id" });
  const navigate = useNavigate({ from: "/runs/$id" });
  const { data, error } = useRun(id);
  const ask = (name: Ask | undefined): void =>
    void navigate({ search: present({ ...search, ask: name }), replace: true });
  if (data === undefined) {
    return (
      <Page title={`Run ${shortId(id)}`}>{error === null ? <Loading lines={8} /> : <ErrorNote error={error} />}</Page>
    );
  }
  const [look] = looksOf(data);
  return (
    <Page
      title={`${data.runbook}: ${(look?.label ?? "").toLowerCase()}`}
      heading={
        <>
          <PlanLink run={data} className="heading-link">
            {data.runbook}
          </PlanLink>{" "}
          <span className="mono dim">{shortId(data.id)}</span>
        </>
      }
      side={<CopyButton text={location.href} label="Copy link" describes="to this run" />}
    >
      <PlanTabs />
      {error !== null && <ErrorNote error={error} />}
      <Headline run={data} onAsk={ask} />
      <Findings run={data} onAsk={ask} />
      <OpenTasks run={data} />
      <div className="deployment-columns">
        <div className="stack">
          <ClockPanel run={data} />
          <People run={data} onAsk={ask} />
          <Facts run={data} />
        </div>
        <div className="stack">
          <Panel title="Steps" side={progressOf(data.steps)}>
            <StepGraph steps={data.steps} label={data.runbook} />
          </Panel>
          <StepList run={data} />
          <RunTimeline run={data} />
        </div>
      </div>
      <RunDialogs run={data} ask={search.ask} onClose={() => ask(undefined)} />
    </Page>
  );
}

interface PlanLinkProps {
  readonly run: Run;
  readonly className: string;
  readonly children: ReactNode;
}

/** To what the run carries out: the runbook in the version of the run, or the wave plan. */
function PlanLink({ run, className, children }: PlanLinkProps): ReactElement {
  const { runbook: name, version } = run;
  return run.of === "wave-plan" ? (
    <Link to="/waves/$name" params={{ name }} className={className}>
      {children}
    </Link>
  ) : (
    <Link to="/runbooks/$name" params={{ name }} search={{ version }} className={className}>
      {children}
    </Link>
  );
}

interface AskProps {
  readonly run: Run;
  readonly onAsk: (name: Ask) => void;
}

function Headline({ run, onAsk }: AskProps): ReactElement {
  const looks = looksOf(run);
  const turn = run.actions.find(({ name }) => name === "turn-back");
  return (
    <section className={`panel headline tone-${looks[0]?.tone ?? "rest"}`} aria-label="State">
      <div className="headline-row">
        <span className="run-looks">
          {looks.map((look) => (
            <Badge key={look.label} {...look} />
          ))}
        </span>
        {turn?.allowed === true && (
          <Button size="xs" color="red" variant="outline" onClick={() => onAsk("turn-back")}>
            Turn back…
          </Button>
        )}
      </div>
      <p className="headline-sentence" aria-live="polite">
        {run.headline}
      </p>
      <p className="dim">
        {run.startedBy} began it: {run.reason}
      </p>
      {turn?.allowed === false && run.endedAt === null && <p className="small dim">Turn back: {turn.because}</p>}
    </section>
  );
}

/** What is in the way, and who can do something about it; then that it is late. */
function Findings({ run, onAsk }: AskProps): ReactElement {
  const now = useNow(5000);
  const oversee = run.actions.find(({ name }) => name === "oversee");
  return (
    <>
      {run.findings.map((finding) => (
        <Note key={finding.code} tone="wait" icon="hand">
          <strong>{finding.sentence}</strong>
          {finding.remedies.map(({ who, what }) => (
            <div key={what}>
              Who can do something: <strong>{who}</strong> can {what}.
            </div>
          ))}
          {oversee?.allowed === true ? (
            <button type="button" className="act-button" onClick={() => onAsk("oversee")}>
              I am present…
            </button>
          ) : (
            <div className="small dim">{oversee?.because}</div>
          )}
        </Note>
      ))}
      {run.overrun !== null && run.endedAt === null && (
        <Note tone="wait" icon="warning">
          <strong>
            Late since <TimeText at={run.overrun.at} now={now} form="both" />.
          </strong>{" "}
          {run.overrun.because}
        </Note>
      )}
    </>
  );
}

/** Steps that wait for this viewer's answer or decision, before everything else. */
function OpenTasks({ run }: { readonly run: Run }): ReactElement {
  const mine = run.steps.filter((step) => isAsking(step) && step.task?.answer.allowed === true);
  return (
    <div className="open-tasks">
      {mine.map((step) => (
        <Panel key={`${step.part} ${step.name}`} title={`Your answer: ${step.name}`}>
          <TaskForm run={run.id} step={step} />
        </Panel>
      ))}
      {run.steps.map((step) => {
        const asked = consentAsked(step);
        return asked === null ? null : (
          <Panel key={`${step.part} ${step.name}`} title={`Your decision: ${step.name}`}>
            <ConsentForm run={run.id} asked={asked} />
          </Panel>
        );
      })}
    </div>
  );
}

function People({ run, onAsk }: AskProps): ReactElement {
  const now = useNow(30_000);
  const allowed = (name: string) => run.actions.some((action) => action.name === name && action.allowed);
  return (
    <Panel title="People">
      <dl className="facts">
        <dt>Owner</dt>
        <dd className="run-person">
          <strong>{run.owner}</strong>
          {allowed("hand-over") && (
            <button type="button" className="act-button quiet" onClick={() => onAsk("hand-over")}>
              Hand over…
            </button>
          )}
        </dd>
        <dt>Overseer</dt>
        <dd className="run-person">
          {run.overseer === null && <span className="dim">none: it is not of high risk</span>}
          {run.overseer !== null && run.overseer.person === null && <span>nobody of {run.overseer.asked} yet</span>}
          {run.overseer !== null && run.overseer.person !== null && run.overseer.since !== null && (
            <span>
              <strong>{run.overseer.person}</strong>, present since <TimeText at={run.overseer.since} now={now} />
            </span>
          )}
          {allowed("oversee") && (
            <button type="button" className="act-button" onClick={() => onAsk("oversee")}>
              I am present…
            </button>
          )}
          {allowed("leave") && (
            <button type="button" className="act-button quiet" onClick={() => onAsk("leave")}>
              Leave…
            </button>
          )}
        </dd>
        <dt>Rights of</dt>
        <dd>{run.startedBy}</dd>
      </dl>
    </Panel>
  );
}

function Facts({ run }: { readonly run: Run }): ReactElement {
  const now = useNow(30_000);
  return (
    <Panel title="Facts">
      <dl className="facts">
        <dt>Began</dt>
        <dd>
          <TimeText at={run.startedAt} now={now} form="both" />
        </dd>
        {run.endedAt !== null && (
          <>
            <dt>Ended</dt>
            <dd>
              <TimeText at={run.endedAt} now={now} form="both" />
            </dd>
          </>
        )}
        <dt>Over at the latest</dt>
        <dd>
          <TimeText at={run.deadline} now={now} form="both" />
        </dd>
        <dt>Usually</dt>
        <dd>{run.usual === null ? "too few runs before to say" : `${span(run.usual)} at most, nine times of ten`}</dd>
        <dt>{run.of === "wave-plan" ? "Wave plan" : "Runbook"}</dt>
        <dd>
          <PlanLink run={run} className="mono">
            {shortDigest(run.version)}
          </PlanLink>
          {!run.isNewest && <span className="small dim run-line">Not the one in force: a run keeps its own.</span>}
        </dd>
      </dl>
      <div className="facts-command">
        <CommandLine command={`tidegate run show ${run.id} --watch`} />
      </div>
    </Panel>
  );
}

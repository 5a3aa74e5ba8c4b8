import type { ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import { useNow } from "#web/runtime/clock.ts";
import { Panel } from "#web/ui/page.tsx";
import { span, secondsBetween } from "#web/ui/time.ts";
import { Badge, TimeText } from "#web/ui/widgets.tsx";
import { changeKinds, maxListed, type BacktestReport, type ChangeKind } from "./backtest.ts";
import type { BacktestChange } from "./policies.ts";

const kindWords: Readonly<Record<ChangeKind, string>> = {
  "newly-blocked": "newly blocked",
  delayed: "delayed",
  "newly-allowed": "newly allowed",
  earlier: "earlier",
  other: "otherwise changed",
};

interface ReportProps {
  readonly report: BacktestReport;
  readonly isRunning: boolean;
  readonly kind: ChangeKind | undefined;
  readonly onKind: (kind: ChangeKind | undefined) => void;
}

/** What would have changed, counted and listed; what failed or was a fix stands out, because that is the price or the gain. */
export function BacktestReportView({ report, isRunning, kind, onKind }: ReportProps): ReactElement {
  const listed = report.changes.filter((one) => kind === undefined || one.kind === kind);
  return (
    <>
      <Progress report={report} isRunning={isRunning} />
      <Panel title="What would have changed">
        <ul className="backtest-kinds">
          {changeKinds.map((one) => (
            <li key={one}>
              <button type="button" aria-pressed={kind === one} onClick={() => onKind(kind === one ? undefined : one)}>
                <strong>{report.byKind[one].count}</strong>
                <span>{kindWords[one]}</span>
                <span className="small dim">
                  {report.byKind[one].failed} failed, {report.byKind[one].fixes} fixes
                </span>
              </button>
            </li>
          ))}
        </ul>
        <Replay report={report} />
      </Panel>
      {listed.length > 0 && (
        <div className="panel scroll">
          <ChangeTable changes={listed} />
        </div>
      )}
      {report.changes.length === maxListed && <p className="small dim">The first {maxListed} changes are listed.</p>}
    </>
  );
}

function Progress({ report, isRunning }: Pick<ReportProps, "report" | "isRunning">): ReactElement {
  const state = report.isWhole ? "All" : isRunning ? "So far" : "Stopped after";
  return (
    <div className="panel backtest-progress">
      <label>
        <span>
          {state} {report.judged} of {report.total} recorded verdicts, {report.deployments} deployments
        </span>
        <progress value={report.judged} max={Math.max(1, report.total)} />
      </label>
      <span className="small dim">
        Draft: {report.draft.map(({ kind, name, change }) => `${kind} ${name} ${change}`).join(", ") || "nothing"}
      </span>
    </div>
  );
}

/** How far the past can be trusted: without the draft each verdict must come out as it was recorded. */
function Replay({ report: { replay } }: Pick<ReportProps, "report">): ReactElement {
  const older = [
    replay.olderRules > 0 ? `${replay.olderRules} by older rules` : "",
    replay.olderZoneData > 0 ? `${replay.olderZoneData} with older zone data` : "",
    replay.unreadable.length > 0 ? `${replay.unreadable.length} cannot be read` : "",
    replay.different.length > 0 ? `${replay.different.length} come out otherwise` : "",
  ].filter(Boolean);
  return (
    <p className="small dim">
      Checked without the draft: {replay.reproduced} of {replay.comparable} comparable verdicts come out as recorded
      {older.length > 0 && `; ${older.join(", ")}`}.
    </p>
  );
}

function ChangeTable({ changes }: { readonly changes: readonly BacktestChange[] }): ReactElement {
  return (
    <table className="table backtest-table">
      <caption className="hidden-visually">Deployments that the draft would have changed</caption>
      <thead>
        <tr>
          <th scope="col">Deployment</th>
          <th scope="col">Change</th>
          <th scope="col">Because</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <ChangeRow key={change.verdict} change={change} />
        ))}
      </tbody>
    </table>
  );
}

function ChangeRow({ change }: { readonly change: BacktestChange }): ReactElement {
  const now = useNow(60_000);
  const subject = `${change.service} ${change.version}`;
  return (
    <tr>
      <td>
        {change.deployment === null ? (
          subject
        ) : (
          <Link to="/deployments/$id" params={{ id: change.deployment }}>
            {subject}
          </Link>
        )}
        <span className="small dim policy-line">
          {change.environment}, <TimeText at={change.at} now={now} form="absolute" />
        </span>
        <span className="row">
          {change.failed && <Badge tone="bad" icon="cross" label="Failed" />}
          {change.fix && <Badge tone="motion" icon="back" label="Fix" />}
        </span>
      </td>
      <td>
        {kindWords[change.kind]}
        <span className="small dim policy-line">
          {change.was} → {change.would}
          <Delay change={change} />
        </span>
      </td>
      <td>
        {change.because.map(({ rule, code, sentence }) => (
          <span key={`${rule} ${code}`} className="policy-line">
            <Link to="/rules/$rule" params={{ rule }} className="mono">
              {rule}
            </Link>
            : {sentence}
          </span>
        ))}
      </td>
    </tr>
  );
}

function Delay({
  change: { wasOpensAt, wouldOpensAt, delaySeconds },
}: {
  readonly change: BacktestChange;
}): ReactElement {
  if (delaySeconds !== null)
    return (
      <>
        , {span(Math.abs(delaySeconds))} {delaySeconds < 0 ? "earlier" : "later"}
      </>
    );
  if (wouldOpensAt === null) return <>, no opening known</>;
  if (wasOpensAt === null) return <></>;
  const seconds = secondsBetween(Temporal.Instant.from(wasOpensAt), Temporal.Instant.from(wouldOpensAt));
  return seconds === 0 ? (
    <></>
  ) : (
    <>
      , {span(Math.abs(seconds))} {seconds < 0 ? "earlier" : "later"}
    </>
  );
}

import type { ReactElement } from "react";
import type { Notice } from "#web/policy/notices.ts";
import { dayText } from "#web/calendar/words.ts";
import { Icon } from "#web/ui/icons.tsx";
import { bothZones, timeOfDay, viewerZone } from "#web/ui/time.ts";
import type { DeploymentDetail } from "./deployment.ts";
import { historyOf, type HistoryLine } from "./history.ts";

interface TableProps {
  readonly deployment: DeploymentDetail;
  readonly notices: readonly Notice[];
}

/** What happened, in order, from the request on; the newest line is the last. */
export function TimelineTable({ deployment, notices }: TableProps): ReactElement {
  const zone = viewerZone();
  const lines = historyOf(deployment, notices);
  return (
    <table className="table timeline">
      <caption className="hidden-visually">Timeline, newest last; times in {zone}</caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Phase</th>
          <th scope="col" className="step-name">
            Step
          </th>
          <th scope="col">What happened</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line, index) => (
          <Line key={line.key} line={line} before={lines[index - 1] ?? null} zone={zone} />
        ))}
      </tbody>
    </table>
  );
}

interface LineProps {
  readonly line: HistoryLine;
  readonly before: HistoryLine | null;
  readonly zone: string;
}

function Line({ line, before, zone }: LineProps): ReactElement {
  const at = Temporal.Instant.from(line.at);
  const day = at.toZonedDateTimeISO(zone).toPlainDate();
  const isNewDay =
    before === null || !Temporal.Instant.from(before.at).toZonedDateTimeISO(zone).toPlainDate().equals(day);
  return (
    <tr>
      <td>
        <time dateTime={line.at} title={bothZones(at, zone)}>
          {isNewDay && <span className="small dim timeline-day">{dayText(day)}</span>}
          {timeOfDay(at, zone)}
        </time>
      </td>
      <td>
        <span className={`phase tone-${line.look.tone}`}>
          <Icon name={line.look.icon} />
          <span className="phase-label">{line.look.label}</span>
        </span>
      </td>
      <td className="step-name dim">{line.name}</td>
      <td>
        {line.sentence}
        {line.notice?.because.map(({ rule, sentence }) => (
          <span key={rule} className="small dim timeline-because">
            <span className="mono">{rule}</span>: {sentence}
          </span>
        ))}
      </td>
    </tr>
  );
}

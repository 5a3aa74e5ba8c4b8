import type { ReactElement } from "react";
import { timeOfDay, viewerZone } from "#web/ui/time.ts";
import { RatioChart } from "./canary-chart.tsx";
import {
  betweenText,
  evidenceText,
  ratioPoints,
  ratioRows,
  timesText,
  type CanaryMetric,
  type CanaryPicture,
  type RatioPoint,
} from "./canary.ts";
import type { StageMark } from "./progress.ts";

interface RatioProps {
  readonly picture: CanaryPicture;
  readonly shiftSeconds: number;
  readonly marks: readonly StageMark[];
  readonly metric: CanaryMetric;
  readonly isTable: boolean;
  readonly onChange: (part: {
    readonly metric?: CanaryMetric | undefined;
    readonly view?: "table" | undefined;
  }) => void;
}

const titles: Readonly<Record<CanaryMetric, string>> = {
  errors: "Errors: the new version's odds against the live one's",
  latency: "Slow requests: the new version's odds against the live one's",
};
const labels: Readonly<Record<CanaryMetric, string>> = { errors: "Errors", latency: "Latency" };

/** The confidence sequence of one metric, as a drawing and as a table. */
export function RatioPanel({ picture, shiftSeconds, marks, metric, isTable, onChange }: RatioProps): ReactElement {
  const points = ratioPoints(picture, metric, shiftSeconds);
  const lines = picture.metrics.find((one) => one.metric === metric);
  const last = points.at(-1);
  if (last === undefined || lines === undefined) {
    return (
      <p className="dim">Nothing has been judged yet. The picture begins with the first share of the new version.</p>
    );
  }
  return (
    <div className="traffic">
      <fieldset className="metric-choice">
        <legend className="hidden-visually">Metric</legend>
        {picture.metrics.map((one) => (
          <button
            key={one.metric}
            type="button"
            aria-pressed={one.metric === metric}
            onClick={() => onChange({ metric: one.metric })}
          >
            {labels[one.metric]}
          </button>
        ))}
      </fieldset>
      <p className="canary-words">
        The ratio is <strong>{betweenText(last)}</strong>
        {last.estimate !== null && <>, most likely {timesText(last.estimate)}</>}. Evidence of harm is{" "}
        {evidenceText(last.evidence)}; at {evidenceText(1 / picture.alpha)} it turns back.
      </p>
      <RatioChart title={titles[metric]} points={points} lines={lines} marks={marks} />
      <details open={isTable} onToggle={(event) => onChange({ view: event.currentTarget.open ? "table" : undefined })}>
        <summary>Show as a table</summary>
        {isTable && <RatioTable points={points} title={titles[metric]} />}
      </details>
    </div>
  );
}

function RatioTable({
  points,
  title,
}: {
  readonly points: readonly RatioPoint[];
  readonly title: string;
}): ReactElement {
  const zone = viewerZone();
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard
    <section className="scroll" tabIndex={0} aria-label={`${title}, as a table`}>
      <table className="table">
        <caption className="hidden-visually">{title}</caption>
        <thead>
          <tr>
            {["At", "Share", "Ratio above", "Ratio below", "Most likely", "Evidence of harm"].map((head, place) => (
              <th key={head} scope="col" className={place === 0 ? "" : "number"}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ratioRows(points).map(({ second, percent, lower, upper, estimate, evidence }) => (
            <tr key={second}>
              <th scope="row">{timeOfDay(Temporal.Instant.fromEpochMilliseconds(second * 1000), zone)}</th>
              <td className="number">{percent} %</td>
              <td className="number">{lower === 0 ? "–" : timesText(lower)}</td>
              <td className="number">{timesText(upper)}</td>
              <td className="number">{timesText(estimate)}</td>
              <td className="number">{evidenceText(evidence)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

import { useState, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { DeploymentDetail } from "#web/release/deployment.ts";
import { useTraffic } from "#web/release/queries.ts";
import { clockQuery } from "#web/runtime/clock.ts";
import { Panel } from "#web/ui/page.tsx";
import { timeOfDay, viewerZone } from "#web/ui/time.ts";
import { ErrorNote } from "#web/ui/widgets.tsx";
import { Chart } from "./chart.tsx";
import { firstShiftOf, stageMarks } from "./progress.ts";
import {
  countText,
  errorRateLines,
  latencyLines,
  lookBackSeconds,
  msText,
  onProductClock,
  percentText,
  tableRows,
  tickText,
  totalsOf,
  type TrafficSeries,
} from "./traffic.ts";

/** Least heights of the axes: 1 % of errors, 20 ms. */
const leastErrorRate = 0.01;
const leastLatencyMs = 20;

/** What the proxy at the target counted for both versions. */
export function TrafficPanel({ deployment }: { readonly deployment: DeploymentDetail }): ReactElement | null {
  const { data, error } = useTraffic(deployment.id, deployment.state);
  const { data: clock } = useQuery(clockQuery);
  if (deployment.startedAt === null) return null;
  return (
    <Panel title="Traffic of both versions" side={`means over ${lookBackSeconds} s`}>
      <div className="traffic">
        {error !== null && <ErrorNote error={error} />}
        {data !== undefined && data.samples.length === 0 && (
          <p className="dim">
            No traffic has been counted yet. The charts begin with the first share of the new version.
          </p>
        )}
        {data !== undefined && data.samples.length > 0 && clock !== undefined && (
          <Charts
            series={onProductClock(data, clock.shiftMs, firstShiftOf(deployment.timeline))}
            deployment={deployment}
          />
        )}
      </div>
    </Panel>
  );
}

function Charts({
  series,
  deployment,
}: {
  readonly series: TrafficSeries;
  readonly deployment: DeploymentDetail;
}): ReactElement {
  const marks = stageMarks(deployment.timeline);
  const totals = totalsOf(series);
  const summary = totals
    .map((one) => `${one.version}: ${countText(one.requests)} requests, ${percentText(one.errorRate)} errors`)
    .join("; ");
  return (
    <>
      <div className="traffic-totals">
        {totals.map((one) => (
          <div key={one.arm} className={`total ${one.arm}`}>
            <span className="small dim">
              {one.arm === "canary" ? "New" : "Live"} <span className="mono">{one.version}</span>
            </span>
            <strong>{countText(one.requests)} requests</strong>
            <span className="small">
              {countText(one.errors)} errors ({percentText(one.errorRate)})
            </span>
          </div>
        ))}
      </div>
      <Chart
        title="Errors per request"
        lines={errorRateLines(series)}
        marks={marks}
        least={leastErrorRate}
        format={tickText}
        summary={summary}
      />
      <Chart
        title="Latency, 95th percentile"
        lines={latencyLines(series)}
        marks={marks}
        least={leastLatencyMs}
        format={(value) => `${value.toFixed(0)} ms`}
        summary={summary}
      />
      <TrafficTable series={series} />
    </>
  );
}

/** The charts as a table, for those who cannot or do not want to read lines. */
function TrafficTable({ series }: { readonly series: TrafficSeries }): ReactElement {
  const [isShown, setIsShown] = useState(false);
  const { spanSeconds, rows } = tableRows(series);
  const zone = viewerZone();
  const versions = totalsOf(series);
  return (
    <details open={isShown} onToggle={(event) => setIsShown(event.currentTarget.open)}>
      <summary>Show as a table</summary>
      {isShown && (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard
        <section className="scroll" tabIndex={0} aria-label="Traffic as a table">
          <table className="table">
            <caption className="hidden-visually">Traffic of both versions in spans of {spanSeconds} seconds</caption>
            <thead>
              <tr>
                <th scope="col">From</th>
                {versions.flatMap(({ arm, version }) =>
                  ["requests", "errors", "p95"].map((measure) => (
                    <th key={`${arm} ${measure}`} scope="col" className="number">
                      {version} {measure}
                    </th>
                  )),
                )}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.second}>
                  <th scope="row">{timeOfDay(Temporal.Instant.fromEpochMilliseconds(row.second * 1000), zone)}</th>
                  {row.values.flatMap((value, index) =>
                    [countText(value.requests), countText(value.errors), msText(value.p95Ms)].map((text, place) => (
                      <td key={`${versions[index]?.arm} ${["requests", "errors", "p95"][place]}`} className="number">
                        {text}
                      </td>
                    )),
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}

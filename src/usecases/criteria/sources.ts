import {
  latencyBoundsMs,
  type Deployer,
  type Failure,
  type MetricQuestion,
  type MetricSource,
} from "#connectors/port.ts";
import type { MetricSourceName } from "#core/criteria/criterion.ts";
import { countersAsSeries, isOwnQuery, ownQueries } from "#core/criteria/own-counters.ts";
import { joinReceived, leadSeconds, parseSelector } from "#core/criteria/received-series.ts";
import type { MetricSeries } from "#core/criteria/series.ts";
import { err, ok } from "#core/result.ts";
import type { Transact } from "#usecases/records.ts";

/** One source for each name that a criterion may have. */
export type MetricSources = Readonly<Record<MetricSourceName, MetricSource>>;

function badQuery(query: string, why: string): { readonly ok: false; readonly error: Failure } {
  return err({
    code: "bad-query",
    message: `The query ${query.slice(0, 100)} cannot be asked: ${why}.`,
    retry: "never",
  });
}

/** What the proxy at the target counts itself: there without anything else being installed. */
export function ownCounters(deployer: Pick<Deployer, "traffic">): MetricSource {
  return {
    id: "own",
    read: async ({ query, span, unit, service, environment }: MetricQuestion) => {
      if (!isOwnQuery(query)) return badQuery(query, `the proxy counts ${ownQueries.join(", ")}`);
      const traffic = await deployer.traffic({ service, environment, since: span.from });
      if (!traffic.ok) return traffic;
      return ok(countersAsSeries(traffic.value, query, { span, unit, boundsMs: latencyBoundsMs }));
    },
  };
}

/** Metrics that were sent to us over OTLP. */
function receivedMetrics(transact: Transact): MetricSource {
  return {
    id: "telemetry",
    read: async ({ query, span, stepSeconds, unit, service, environment }) => {
      const selector = parseSelector(query);
      if (!selector.ok) return badQuery(query, selector.error);
      const { metric } = selector.value;
      const wide = { from: span.from - leadSeconds, until: span.until };
      const found = await transact(({ telemetry }) => telemetry.seriesOf({ service, environment, metric, span: wide }));
      return ok(joinReceived(found, selector.value, { span, stepSeconds, unit }));
    },
  };
}

/** New classes of errors in the logs that were sent to us: one series each, the rate per second in every step. */
function receivedLogs(transact: Transact): MetricSource {
  return {
    id: "logs",
    read: async ({ query, span, stepSeconds, unit, service, environment, version }) => {
      if (query !== "new-errors") return badQuery(query, "of logs only new-errors are counted");
      const { errors, newest } = await transact(async ({ telemetry }) => ({
        errors: await telemetry.newErrorsOf({ service, environment, version, span }),
        newest: await telemetry.newestLog(service, environment),
      }));
      const end = newest === null ? null : Math.min(newest + 1, span.until);
      const steps = end === null ? 0 : Math.ceil((end - span.from) / stepSeconds);
      const series = [...Map.groupBy(errors, ({ pattern }) => pattern)].map(([pattern, lines]): MetricSeries => {
        const counts = Array.from({ length: Math.max(0, steps) }, () => 0);
        for (const { second, count } of lines) {
          const step = Math.floor((second - span.from) / stepSeconds);
          counts[step] = (counts[step] ?? 0) + count;
        }
        const points = counts.map((count, step) => ({
          atSecond: span.from + step * stepSeconds,
          value: count / stepSeconds,
        }));
        return { labels: { version, class: pattern }, unit, points };
      });
      return ok({ series, completeUntil: end });
    },
  };
}

/** In the place of a source that nobody has connected. */
export function noSource(id: MetricSourceName, setting: string): MetricSource {
  const message = `No ${id} is connected to this server: name it with ${setting}.`;
  return { id, read: () => Promise.resolve(err({ code: "no-source", message, retry: "never" })) };
}

/** The sources of an installation; two of them are always there. */
export function metricSourcesOf(deployer: Deployer, transact: Transact, prometheus: MetricSource): MetricSources {
  return {
    own: ownCounters(deployer),
    prometheus,
    telemetry: receivedMetrics(transact),
    logs: receivedLogs(transact),
  };
}

import { matchesScope, type Scope, type ScopeSubject } from "#core/catalog/scope.ts";
import type { Aggregate, SecondSpan } from "#core/criteria/series.ts";

/** Who measures: the target's own proxy, Prometheus, metrics and logs that were sent to us over OTLP. */
export const metricSources = ["own", "prometheus", "telemetry", "logs"] as const;
export type MetricSourceName = (typeof metricSources)[number];

/** When a change is a success, said before it begins (document of kind `Criteria`). */
export interface Criteria {
  readonly name: string;
  readonly scope: Scope;
  /** Checks of the smoke suite, by name, that assert what the service is for; they must be run and pass before users. */
  readonly checks: readonly string[];
  readonly criteria: readonly Criterion[];
}

export interface Criterion {
  readonly name: string;
  readonly source: MetricSourceName;
  /** In the language of its source, with `{service}`, `{environment}` and `{version}` to be filled in. */
  readonly query: string;
  readonly unit: string;
  readonly aggregate: Aggregate;
  /** Which way is harm. */
  readonly worse: "higher" | "lower";
  /** At most (`worse: higher`) or at least (`lower`) this; null: compared only. */
  readonly limit: number | null;
  readonly against: readonly Baseline[];
  /** Judged over this long; without it being full nothing passes. */
  readonly windowSeconds: number;
  /** The newest point may be this old. */
  readonly freshSeconds: number;
  /** Points needed in the window. */
  readonly minPoints: number;
  /** Observations (requests) needed in the window, of a source that tells them. */
  readonly minObservations: number;
  /** A source that is there and has no series: does that mean zero (logs without errors), or that nobody knows? */
  readonly whenAbsent: "zero" | "unknown";
  /** A breach takes the change back, or is shown to a person and holds the position. */
  readonly onBreach: "fail" | "flag";
}

/** What else the value is compared with; `percent` of it is the limit. */
export type Baseline =
  /** The version that was live before, at the same time. */
  | { readonly kind: "control"; readonly percent: number }
  /** The median of the same stretch of the same weekday and time of day, in the environment's zone, of former weeks. */
  | { readonly kind: "former-weeks"; readonly percent: number; readonly weeks: number; readonly minWeeks: number };

/** Eight weeks reach behind a month's end and a holiday, and are still the same business. */
export const maxBaselineWeeks = 8;

/** Of every matching document, each criterion under `document/criterion`: all of them must hold, none replaces another. */
export function criteriaFor(all: readonly Criteria[], subject: ScopeSubject): Pick<Criteria, "checks" | "criteria"> {
  const matching = all.filter(({ scope }) => matchesScope(scope, subject));
  return { checks: [...new Set(matching.flatMap(({ checks }) => checks))], criteria: criteriaIn(matching) };
}

/** Each under `document/criterion`, in the order of the names of the documents. */
export function criteriaIn(documents: readonly Criteria[]): readonly Criterion[] {
  return documents
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ name, criteria }) =>
      criteria.map((criterion) => ({ ...criterion, name: `${name}/${criterion.name}` })),
    );
}

/** Words of a query that are filled in, with what a criterion is judged for. */
export interface QuerySubject {
  readonly service: string;
  readonly environment: string;
  readonly version: string;
}

/** Quotes and backslashes are escaped as PromQL and our own selectors read them, so that no value leaves its quotes. */
export function filledQuery(query: string, subject: QuerySubject): string {
  const escaped = (value: string): string => value.replaceAll(/["\\]/g, String.raw`\$&`);
  return query
    .replaceAll("{service}", escaped(subject.service))
    .replaceAll("{environment}", escaped(subject.environment))
    .replaceAll("{version}", escaped(subject.version));
}

/** True when the answer differs from version to version: the query names the version, or the source counts by it. */
export function isByVersion({ source, query }: Pick<Criterion, "source" | "query">): boolean {
  return source === "own" ? !query.startsWith("total-") : query.includes("{version}");
}

/**
 * The same stretch of the `weeks` weeks before, the newest first: same weekday and same time on the clock of the zone,
 * so that a change to summer time moves nobody's lunch hour. A time that a clock skips is taken an hour later.
 */
export function formerSpans(span: SecondSpan, weeks: number, zone: string): readonly SecondSpan[] {
  const until = Temporal.Instant.fromEpochMilliseconds(span.until * 1000).toZonedDateTimeISO(zone);
  return Array.from({ length: Math.min(weeks, maxBaselineWeeks) }, (_, index) => {
    const then = Math.floor(until.subtract({ weeks: index + 1 }).epochMilliseconds / 1000);
    return { from: then - (span.until - span.from), until: then };
  });
}

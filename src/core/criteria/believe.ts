import { isByVersion, type Criterion } from "#core/criteria/criterion.ts";
import {
  checkedAnswer,
  labelNames,
  newestSecond,
  troubleSince,
  type MetricAnswer,
  type MetricMemory,
  type MetricSeries,
} from "#core/criteria/series.ts";
import { err, ok, type Result } from "#core/result.ts";

/** An answer of a source, or why there is none, as a sentence without its full stop. */
export type Measured = Result<MetricAnswer, { readonly sentence: string }>;

/** What was asked, as far as it says whether an answer can be believed. */
export type Asked = Pick<Criterion, "source" | "query" | "unit" | "freshSeconds" | "whenAbsent">;

/** Why nobody can build on it: a stable code, and a sentence without its full stop. */
export interface Thin {
  readonly code: string;
  readonly sentence: string;
}

export interface Believed {
  readonly series: MetricSeries;
  /** For the next look. */
  readonly memory: MetricMemory;
}

/**
 * The one place that says whether an answer can be built on: for criteria, and for what is watched once a version is live. A
 * source that fails, lies, jumps back, changes labels, sends no numbers or is silent is not believed. `until`: the end of what
 * was asked for, in epoch seconds; `memory`: from the look before, null at the first.
 */
export function believe(
  asked: Asked,
  seen: {
    readonly until: number;
    readonly version: string;
    readonly answer: Measured;
    readonly memory: MetricMemory | null;
  },
): Result<Believed, Thin> {
  const { until, version, answer, memory } = seen;
  if (!answer.ok) return err({ code: "no-answer", sentence: answer.error.sentence });
  const checked = checkedAnswer(answer.value, until);
  if (!checked.ok) return checked;
  const newest = newestSecond(checked.value);
  const one = oneSeries(asked, version, checked.value);
  if (!one.ok) return one;
  const labels = asked.source === "logs" ? [] : labelNames(one.value);
  const trouble = memory === null || newest === null ? null : troubleSince(memory, newest, labels);
  if (trouble !== null) return err(trouble);
  if (newest !== null && until - newest <= asked.freshSeconds) {
    return ok({ series: one.value, memory: { newest, labels } });
  }
  const since = newest === null ? "the source has sent nothing" : `the newest point is ${until - newest} s old`;
  return err({ code: "silent", sentence: `${since}, where ${asked.freshSeconds} s are allowed` });
}

/** The one series that the criterion is about. Several are a question that nobody decided: the query has to sum them up. */
export function oneSeries(criterion: Asked, version: string, answer: MetricAnswer): Result<MetricSeries, Thin> {
  const others = answer.series.flatMap(({ labels }) => labels["version"] ?? []);
  const own = answer.series.filter(
    ({ labels }) => !isByVersion(criterion) || (labels["version"] ?? version) === version,
  );
  const [first, second] = criterion.source === "logs" ? loudestFirst(own).slice(0, 1) : own;
  if (second !== undefined) {
    const sentence = `the query gave ${own.length} series where one is judged; sum them up in the query`;
    return err({ code: "several-series", sentence });
  }
  if (first !== undefined) return ok(first);
  if (criterion.whenAbsent === "zero" && answer.completeUntil !== null) {
    return ok({ labels: {}, unit: criterion.unit, points: [] });
  }
  const known = others.length === 0 ? "" : `; it knows ${[...new Set(others)].join(", ")}`;
  return err({ code: "no-series", sentence: `the source has no series for ${version}${known}` });
}

/** Every class of errors is a series of its own, and one of them is enough. */
export function loudestFirst(series: readonly MetricSeries[]): readonly MetricSeries[] {
  const loudness = ({ points }: MetricSeries): number => points.reduce((sum, { value }) => sum + value, 0);
  return series.toSorted((a, b) => loudness(b) - loudness(a));
}

import { believe, loudestFirst, oneSeries, type Measured, type Thin } from "#core/criteria/believe.ts";
import type { Baseline, Criterion } from "#core/criteria/criterion.ts";
import {
  checkedAnswer,
  newestSecond,
  valueIn,
  type MetricMemory,
  type MetricSeries,
  type SecondSpan,
  type SpanValue,
} from "#core/criteria/series.ts";
import { err, ok, type Result } from "#core/result.ts";

/** Everything that one judgement is made of; all of it is kept with the judgement. */
export interface CriterionSeen {
  /** What is judged; shorter than the window of the criterion while the change is younger than that. */
  readonly span: SecondSpan;
  readonly version: string;
  readonly answer: Measured;
  /** Of the version that was live before, in the same span; null: there is none, or nothing is compared with it. */
  readonly control: { readonly version: string; readonly answer: Measured } | null;
  /** Of former weeks, in any order; a week that could not be read is a failed one. */
  readonly former: readonly { readonly span: SecondSpan; readonly answer: Measured }[];
  /** From the look before; null at the first. */
  readonly memory: MetricMemory | null;
}

export const criterionOutcomes = ["pass", "fail", "inconclusive", "flagged"] as const;
/** `flagged`: harm that a person must look at, although the criterion does not take the change back by itself. */
export type CriterionOutcome = (typeof criterionOutcomes)[number];

export interface CriterionJudgement {
  readonly criterion: string;
  readonly outcome: CriterionOutcome;
  /** Stable: `within`, `breach`, or why it is inconclusive. */
  readonly code: string;
  readonly sentence: string;
  /** Null when there is none to judge. */
  readonly value: number | null;
  readonly unit: string;
  readonly bounds: readonly JudgedBound[];
  /** Second of the newest thing that the source knew; null: nothing. */
  readonly newest: number | null;
  readonly span: SecondSpan;
  /** As the source sent them. */
  readonly series: readonly MetricSeries[];
  /** What it was compared with, as sent: the control, then the weeks. */
  readonly compared: readonly ComparedSeries[];
  readonly memory: MetricMemory | null;
}

export interface ComparedSeries {
  readonly as: "control" | "former-week";
  readonly span: SecondSpan;
  readonly series: readonly MetricSeries[];
  readonly value: number | null;
}

export interface JudgedBound {
  readonly kind: "limit" | Baseline["kind"];
  /** The value that must not be crossed. */
  readonly bound: number;
  /** What it was made of: the baseline's value; null for an absolute one. */
  readonly reference: number | null;
  readonly isBreached: boolean;
}

interface Judging {
  readonly criterion: Criterion;
  readonly seen: CriterionSeen;
  readonly compared: readonly ComparedSeries[];
}

/**
 * One criterion at one look. Pure: the same answers give the same judgement. A source that fails, lies, jumps back,
 * changes labels, sends no numbers, is silent or too thin is `inconclusive`, never a pass; a breach counts as soon as there are
 * points enough, a pass only over the whole window.
 */
export function judgeCriterion(criterion: Criterion, seen: CriterionSeen): CriterionJudgement {
  const compared = comparedOf(criterion, seen);
  const judging = { criterion, seen, compared };
  const believed = believe(criterion, { ...seen, until: seen.span.until });
  if (!believed.ok) return inconclusive(judging, believed.error.code, believed.error.sentence);
  const { series, memory } = believed.value;
  const value = valueOf(criterion, series, seen.span);
  if (!value.ok) return { ...inconclusive(judging, value.error.code, value.error.sentence), memory };
  return { ...weigh(judging, value.value), memory };
}

function valueOf(criterion: Criterion, series: MetricSeries, span: SecondSpan): Result<number, Thin> {
  const found = valueIn(series.points, span, criterion.aggregate);
  if (found === null) {
    if (criterion.whenAbsent === "zero") return ok(0);
    return err({ code: "no-points", sentence: "no point lies in what was looked at" });
  }
  return enough(criterion, found) ?? ok(found.value);
}

function enough(criterion: Criterion, found: SpanValue): Result<number, Thin> | null {
  if (criterion.whenAbsent === "unknown" && found.points < criterion.minPoints) {
    const sentence = `${found.points} points came where ${criterion.minPoints} are needed`;
    return err({ code: "too-few-points", sentence });
  }
  if (found.observations !== null && found.observations < criterion.minObservations) {
    const sentence = `${found.observations} observations came where ${criterion.minObservations} are needed`;
    return err({ code: "too-few-observations", sentence });
  }
  return null;
}

function comparedOf(
  criterion: Criterion,
  { span, version, control, former }: CriterionSeen,
): readonly ComparedSeries[] {
  const one = (as: ComparedSeries["as"], of: SecondSpan, answer: Measured, its: string): ComparedSeries => {
    const checked = answer.ok ? checkedAnswer(answer.value, of.until) : null;
    const series = checked?.ok === true ? checked.value.series : [];
    const single = checked?.ok === true ? oneSeries(criterion, its, checked.value) : null;
    const found = single?.ok === true ? valueIn(single.value.points, of, criterion.aggregate) : null;
    const isEnough = found !== null && enough(criterion, found) === null;
    return { as, span: of, series, value: isEnough ? found.value : null };
  };
  return [
    ...(control === null ? [] : [one("control", span, control.answer, control.version)]),
    ...former.map((week) => one("former-week", week.span, week.answer, version)),
  ];
}

function weigh(judging: Judging, value: number): CriterionJudgement {
  const { criterion, compared } = judging;
  const bounds: JudgedBound[] = [];
  const missing: Thin[] = [];
  const add = (kind: JudgedBound["kind"], bound: number, reference: number | null): void => {
    const isBreached = criterion.worse === "higher" ? value > bound : value < bound;
    bounds.push({ kind, bound, reference, isBreached });
  };
  if (criterion.limit !== null) add("limit", criterion.limit, null);
  for (const baseline of criterion.against) {
    const reference = referenceOf(baseline, compared);
    if (reference.ok) add(baseline.kind, (reference.value * baseline.percent) / 100, reference.value);
    else missing.push(reference.error);
  }
  const breach = bounds.find(({ isBreached }) => isBreached);
  if (breach !== undefined) return breached(judging, value, bounds, breach);
  const [gap] = missing;
  if (gap !== undefined) return { ...inconclusive(judging, gap.code, gap.sentence), value, bounds };
  const { span } = judging.seen;
  if (span.until - span.from < criterion.windowSeconds) {
    const sentence = `${span.until - span.from} s of ${criterion.windowSeconds} s have been looked at`;
    return { ...inconclusive(judging, "window-not-full", sentence), value, bounds };
  }
  const sentence = `${criterion.name}: ${sayValue(value, criterion.unit)}, ${bounds.map((bound) => sayBound(criterion, bound)).join(" and ")}.`;
  return { ...blank(judging), outcome: "pass", code: "within", sentence, value, bounds };
}

function breached(
  judging: Judging,
  value: number,
  bounds: readonly JudgedBound[],
  breach: JudgedBound,
): CriterionJudgement {
  const { criterion, seen } = judging;
  const [loudest] = criterion.source === "logs" && seen.answer.ok ? loudestFirst(seen.answer.value.series) : [];
  const of = loudest === undefined ? "" : ` of the new class "${loudest.labels["class"] ?? ""}"`;
  const sentence = `${criterion.name}: ${sayValue(value, criterion.unit)}${of}, where it must be ${sayBound(criterion, breach)}.`;
  const outcome = criterion.onBreach === "fail" ? "fail" : "flagged";
  return { ...blank(judging), outcome, code: "breach", sentence, value, bounds };
}

function referenceOf(baseline: Baseline, compared: readonly ComparedSeries[]): Result<number, Thin> {
  const as = baseline.kind === "control" ? "control" : "former-week";
  const values = compared.flatMap((each) => (each.as === as && each.value !== null ? [each.value] : []));
  const needed = baseline.kind === "control" ? 1 : baseline.minWeeks;
  if (values.length >= needed) return ok(medianOf(values));
  const sentence =
    baseline.kind === "control"
      ? "there is no usable series of the former version to compare with"
      : `${values.length} of ${baseline.weeks} former weeks can be compared with, where ${needed} are needed`;
  return err({ code: "no-baseline", sentence });
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}

function blank({ criterion, seen, compared }: Judging): Omit<CriterionJudgement, "outcome" | "code" | "sentence"> {
  const answer = seen.answer.ok ? seen.answer.value : null;
  const newest = answer === null ? null : newestSecond(answer);
  return {
    criterion: criterion.name,
    value: null,
    unit: criterion.unit,
    bounds: [],
    newest: newest !== null && Number.isFinite(newest) ? newest : null,
    span: seen.span,
    series: answer?.series ?? [],
    compared,
    memory: seen.memory,
  };
}

function inconclusive(judging: Judging, code: string, why: string): CriterionJudgement {
  const sentence = `${judging.criterion.name} is inconclusive: ${why}.`;
  return { ...blank(judging), outcome: "inconclusive", code, sentence };
}

function sayValue(value: number, unit: string): string {
  const rounded = Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
  return unit === "%" ? `${rounded} %` : `${rounded} ${unit}`.trim();
}

function sayBound(criterion: Criterion, { kind, bound, reference }: JudgedBound): string {
  const edge = `${criterion.worse === "higher" ? "at most" : "at least"} ${sayValue(bound, criterion.unit)}`;
  if (reference === null) return edge;
  const percent = criterion.against.find((baseline) => baseline.kind === kind)?.percent ?? 100;
  const of = kind === "control" ? "of the former version" : "that former weeks had at this time";
  return `${edge}, ${percent} % of the ${sayValue(reference, criterion.unit)} ${of}`;
}

/** Of all criteria of a change: the worst decides, and what is flagged holds only what would pass otherwise. */
export function joinJudgements(judgements: readonly Pick<CriterionJudgement, "outcome">[]): CriterionOutcome {
  for (const outcome of ["fail", "inconclusive", "flagged"] as const) {
    if (judgements.some((each) => each.outcome === outcome)) return outcome;
  }
  return "pass";
}

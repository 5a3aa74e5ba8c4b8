import type { z } from "zod";
import type { criterionResult } from "#contract/criteria.ts";
import type { Tone } from "#web/release/deployment.ts";
import type { IconName } from "#web/ui/icons.tsx";

export type CriterionResult = z.output<typeof criterionResult>;

export interface OutcomeLook {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly label: string;
}

export const outcomeLooks: Readonly<Record<CriterionResult["outcome"], OutcomeLook>> = {
  pass: { tone: "good", icon: "check", label: "Pass" },
  fail: { tone: "bad", icon: "cross", label: "Fail" },
  inconclusive: { tone: "wait", icon: "question", label: "Inconclusive" },
  flagged: { tone: "wait", icon: "warning", label: "Flagged" },
};

/** The newest stage first: what stands now is what a person asks about. */
export function byStage(items: readonly CriterionResult[]): readonly (readonly [string, readonly CriterionResult[]])[] {
  return [...Map.groupBy(items, ({ stage }) => stage)].toReversed();
}

export function numberText(value: number, unit: string): string {
  return `${Number(value.toPrecision(3))} ${unit}`;
}

export function boundText({ rule, bounds }: CriterionResult): string {
  const edge = rule.worse === "higher" ? "at most" : "at least";
  const said = bounds.map(({ bound, kind, reference }) => {
    const of = { control: "the former version", "former-weeks": "former weeks" }[kind] ?? "";
    const source = reference === null ? "" : ` (${of}: ${numberText(reference, rule.unit)})`;
    return `${edge} ${numberText(bound, rule.unit)}${source}`;
  });
  if (said.length > 0) return said.join(", ");
  return rule.limit === null ? "nothing to compare with yet" : `${edge} ${numberText(rule.limit, rule.unit)}`;
}

export function freshText({ newest, span, rule }: CriterionResult): string {
  if (newest === null) return "the source has sent nothing";
  const age = Math.max(0, span.until - newest);
  return `newest point ${age} s old, ${rule.freshSeconds} s allowed`;
}

export const sparkSize = { width: 220, height: 44 } as const;

export interface Spark {
  /** Each as the `d` of a path. */
  readonly own: readonly string[];
  readonly compared: readonly string[];
  /** Heights of the limits. */
  readonly bounds: readonly number[];
  /** Heights of points that are their own neighbours: a path of one point draws nothing. */
  readonly dots: readonly { readonly x: number; readonly y: number }[];
  readonly least: number;
  readonly most: number;
}

interface Known {
  readonly x: number;
  readonly value: number;
}

/**
 * Series of the version, what they were compared with (moved to the same time), and limits in one scale; null where no number came. What is no
 * number is a gap.
 */
export function sparkOf({ series, compared, bounds, span }: CriterionResult, version: string): Spark | null {
  // A source may send all versions at once.
  const isOf = ({ labels }: CriterionResult["series"][number]): boolean => (labels["version"] ?? version) === version;
  const known = (points: CriterionResult["series"][number]["points"], from: number): readonly (readonly Known[])[] => {
    const runs: Known[][] = [[]];
    for (const { atSecond, value } of points) {
      if (atSecond === null || value === null) runs.push([]);
      else runs.at(-1)?.push({ x: atSecond - from, value });
    }
    return runs.filter((run) => run.length > 0);
  };
  const own = series.filter(isOf).flatMap(({ points }) => known(points, span.from));
  const beside = compared.flatMap(({ as, span: its, series: sent }) =>
    sent
      .filter(({ labels }) => as !== "control" || labels["version"] !== version)
      .flatMap(({ points }) => known(points, its.from)),
  );
  const values = [...own, ...beside].flatMap((run) => run.map(({ value }) => value));
  if (values.length === 0) return null;
  const limits = bounds.map(({ bound }) => bound);
  const least = Math.min(0, ...values, ...limits);
  const most = Math.max(...values, ...limits, least + Number.EPSILON);
  const height = (value: number): number =>
    sparkSize.height - 2 - ((value - least) / (most - least)) * (sparkSize.height - 4);
  const seconds = Math.max(1, span.until - span.from - 1);
  const across = (x: number): number => 2 + (Math.min(x, seconds) / seconds) * (sparkSize.width - 4);
  const path = (run: readonly Known[]): string =>
    run
      .map(({ x, value }, index) => `${index === 0 ? "M" : "L"}${across(x).toFixed(1)} ${height(value).toFixed(1)}`)
      .join("");
  return {
    own: own.map(path),
    compared: beside.map(path),
    bounds: limits.map(height),
    dots: own.flatMap((run) => run.slice(-1).map(({ x, value }) => ({ x: across(x), y: height(value) }))),
    least,
    most,
  };
}

import { z } from "zod";
import { durationField, textField } from "#config/fields.ts";
import { type Json, member, type Path } from "#config/json.ts";
import { checked } from "#config/local-rule.ts";
import type { FieldProblem } from "#config/problem.ts";
import { readDuration } from "#config/time.ts";
import { parseSelector } from "#core/criteria/received-series.ts";
import { elapsedMs } from "#core/policy/say.ts";
import type { TriggerMetric } from "#core/rollout/triggers.ts";

/** What the proxy at the target counts are kinds of their own. */
const watchedSources = ["prometheus", "telemetry", "logs"] as const;

/** The fields of a trigger that asks a source of criteria; all others leave them out. */
export const metricFields = {
  source: z.enum(watchedSources).optional().meta({
    description: "For metric: who measures. `prometheus`; `telemetry` and `logs`, what was sent over OTLP.",
  }),
  query: textField(
    "For metric: in the language of the source, with `{service}`, `{environment}` and `{version}`, as in Criteria.",
  ).optional(),
  unit: z
    .string()
    .min(1)
    .max(20)
    .optional()
    .meta({ description: "For metric: of its values, as it is shown.", examples: ["orders/s"] }),
  fresh: durationField(
    "For metric: when its newest point is older, nobody knows; two minutes when left out.",
  ).optional(),
};

interface Given {
  readonly kind: string;
  readonly source?: (typeof watchedSources)[number] | undefined;
  readonly query?: string | undefined;
  readonly unit?: string | undefined;
  readonly fresh?: string | undefined;
  readonly below?: number | undefined;
}

/** null: it is of another kind. */
export function toMetric({ kind, source, query, unit, fresh, below }: Given): TriggerMetric | null {
  if (kind !== "metric" || source === undefined || query === undefined) return null;
  return {
    source,
    query,
    unit: unit ?? "",
    worse: below === undefined ? "higher" : "lower",
    freshSeconds: Math.ceil(elapsedMs(checked(readDuration(fresh ?? "PT2M"))) / 1000),
    whenAbsent: source === "logs" ? "zero" : "unknown",
  };
}

export function metricProblems(item: Json, at: Path): readonly FieldProblem[] {
  const has = (field: string): boolean => member(item, field) !== undefined;
  const isMetric = member(item, "kind") === "metric";
  const problems: FieldProblem[] = [];
  const add = (field: string, message: string, remedy: string): void =>
    void problems.push({ at: [...at, field], code: "contradiction", message, remedy });
  if (has("above") === has("below")) {
    const message = has("above") ? "It is in breach above and below something." : "It has no limit.";
    add("above", message, isMetric ? "Give it either above or below." : "Give it above.");
  }
  if (!isMetric) {
    for (const field of ["below", ...Object.keys(metricFields)]) {
      if (has(field)) add(field, `Only metric reads ${field}.`, "Leave it out, or write kind: metric.");
    }
    return problems;
  }
  for (const field of ["source", "query", "unit"]) {
    if (!has(field)) add(field, `It does not say its ${field}.`, "Name source, query and unit of the metric.");
  }
  const query = member(item, "query");
  const why = typeof query === "string" ? queryProblem(member(item, "source"), query) : null;
  if (why !== null) add("query", why.message, why.remedy);
  return problems;
}

function queryProblem(
  source: Json | undefined,
  query: string,
): { readonly message: string; readonly remedy: string } | null {
  if (source === "logs" && query !== "new-errors") {
    return { message: "Of logs only new classes of errors are counted.", remedy: "Write query: new-errors." };
  }
  if (source !== "telemetry") return null;
  const selector = parseSelector(query);
  if (selector.ok) return null;
  return { message: `${selector.error}.`, remedy: 'Write a metric such as orders.created{version="{version}"}.' };
}

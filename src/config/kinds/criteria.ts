import { z } from "zod";
import { durationField, listField, nameField, textField } from "#config/fields.ts";
import { itemsOf, type JsonObject, member } from "#config/json.ts";
import { defineKind } from "#config/kind.ts";
import type { FieldProblem } from "#config/problem.ts";
import { scopeField, toScope } from "#config/scope-field.ts";
import { readDuration } from "#config/time.ts";
import { checked } from "#config/local-rule.ts";
import {
  type Baseline,
  type Criteria,
  type Criterion,
  maxBaselineWeeks,
  metricSources,
} from "#core/criteria/criterion.ts";
import { elapsedMs } from "#core/policy/say.ts";
import { isOwnQuery, ownQueries } from "#core/criteria/own-counters.ts";
import { aggregates } from "#core/criteria/series.ts";

/** A criterion of a stage: what needs longer is watched after the change. */
const maxWindowSeconds = 60 * 60;
const maxCriteria = 20;

const baseline = z.strictObject({
  kind: z.enum(["control", "former-weeks"]).meta({
    description:
      "`control`: the version that was live before, at the same time. `former-weeks`: the median of the same stretch of the same weekday and time of day of former weeks, in the zone of the environment.",
  }),
  percent: z.number().gt(0).max(1_000).meta({ description: "So much of it is the limit, in per cent." }),
  weeks: z
    .number()
    .int()
    .min(1)
    .max(maxBaselineWeeks)
    .optional()
    .meta({ description: "Former weeks; 4 when left out." }),
  minWeeks: z.number().int().min(1).max(maxBaselineWeeks).optional().meta({
    description: "Weeks that must be usable; half of them when left out. With fewer it is inconclusive.",
  }),
});

const criterion = z.strictObject({
  name: nameField("Unique in the document."),
  source: z.enum(metricSources).meta({
    description:
      "Who measures: `own`, the proxy at the target; `prometheus`; `telemetry` and `logs`, what was sent over OTLP.",
  }),
  query: textField(
    "In the language of the source, with `{service}`, `{environment}` and `{version}`: PromQL; the name of a metric with labels in braces; `new-errors` of logs; `errors-percent`, `requests-per-second`, `p95-ms`, `total-errors-percent` and `total-requests-per-second` of the proxy.",
  ),
  unit: z
    .string()
    .min(1)
    .max(20)
    .meta({ description: "Of its values, as it is shown.", examples: ["%"] }),
  aggregate: z.enum(aggregates).optional().meta({ description: "How points become one value; `mean` when left out." }),
  worse: z.enum(["higher", "lower"]).meta({ description: "Which way is harm." }),
  limit: z.number().optional().meta({ description: "At most (worse: higher) or at least (worse: lower) this." }),
  against: listField(baseline, "What it is compared with; each must hold."),
  window: durationField("Judged over this long; nothing passes before it is full.").optional(),
  fresh: durationField("The newest point may be this old; a minute when left out.").optional(),
  minPoints: z.number().int().min(1).max(10_000).optional().meta({ description: "Points needed; 3 when left out." }),
  minObservations: z.number().int().min(0).max(1_000_000_000).optional().meta({
    description: "Observations (requests) needed, of a source that tells them; 50 when left out.",
  }),
  whenAbsent: z.enum(["zero", "unknown"]).optional().meta({
    description: "What it means when the source is there and knows no series; `zero` for logs, otherwise `unknown`.",
  }),
  onBreach: z.enum(["fail", "flag"]).optional().meta({
    description: "`fail` takes the change back; `flag` holds it and asks a person. `flag` for logs, otherwise `fail`.",
  }),
});

export const criteria = defineKind({
  kind: "Criteria",
  summary:
    "When a change is a success, said before it begins: metrics with their source, limit, baseline, window and freshness, watched in every stage, and checks that must pass before users see the version.",
  example: `kind: Criteria
metadata: { name: checkout }
spec:
  scope: { services: [checkout-api] }
  checks: [order-reaches-ledger]
  criteria:
    - { name: errors, source: own, query: errors-percent, unit: "%", worse: higher, limit: 1, window: PT1M }
    - name: orders
      source: prometheus
      query: sum(rate(orders_total{service="{service}"}[1m]))
      unit: orders/s
      worse: lower
      against: [{ kind: former-weeks, percent: 90 }]
      window: PT5M
      fresh: PT2M
    - { name: new-errors, source: logs, query: new-errors, unit: lines/s, worse: higher, limit: 0.1, window: PT1M }`,
  schema: z.strictObject({
    scope: scopeField,
    checks: listField(
      z.string().min(1).max(100).meta({ description: "Name of a check in the catalogue of the agent." }),
      "Checks of the smoke suite that assert an outcome of the business: each must be run and pass while exposure is zero.",
    ),
    criteria: z
      .array(criterion)
      .max(maxCriteria)
      .optional()
      .meta({ description: "All of them must hold, in each stage and at 100 %." }),
  }),
  references: () => [],
  check: criteriaProblems,
  whyMandatory: { scope: "Say what the criteria are about; scope: {} is everything." },
  toDomain: (name, spec): Criteria => ({
    name,
    scope: toScope(spec.scope),
    checks: spec.checks ?? [],
    criteria: (spec.criteria ?? []).map(toCriterion),
  }),
});

function toCriterion(spec: z.output<typeof criterion>): Criterion {
  const isLogs = spec.source === "logs";
  return {
    name: spec.name,
    source: spec.source,
    query: spec.query,
    unit: spec.unit,
    aggregate: spec.aggregate ?? "mean",
    worse: spec.worse,
    limit: spec.limit ?? null,
    against: (spec.against ?? []).map(toBaseline),
    windowSeconds: secondsOf(spec.window ?? "PT1M"),
    freshSeconds: secondsOf(spec.fresh ?? "PT1M"),
    minPoints: spec.minPoints ?? 3,
    minObservations: spec.minObservations ?? 50,
    whenAbsent: spec.whenAbsent ?? (isLogs ? "zero" : "unknown"),
    onBreach: spec.onBreach ?? (isLogs ? "flag" : "fail"),
  };
}

function toBaseline({ kind, percent, weeks = 4, minWeeks }: z.output<typeof baseline>): Baseline {
  return kind === "control" ? { kind, percent } : { kind, percent, weeks, minWeeks: minWeeks ?? Math.ceil(weeks / 2) };
}

function secondsOf(duration: string): number {
  return Math.ceil(elapsedMs(checked(readDuration(duration))) / 1000);
}

function criteriaProblems(spec: JsonObject): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const seen = new Set<unknown>();
  for (const [index, item] of itemsOf(member(spec, "criteria")).entries()) {
    const at = ["spec", "criteria", index];
    const add = (field: string, message: string, remedy: string): void =>
      void problems.push({ at: [...at, field], code: "contradiction", message, remedy });
    const name = member(item, "name");
    const against = itemsOf(member(item, "against"));
    if (seen.has(name)) add("name", "The name stands twice in the list.", "Give each criterion its own name.");
    seen.add(name);
    if (member(item, "limit") === undefined && against.length === 0) {
      add(
        "limit",
        "The criterion has neither a limit nor anything to compare with.",
        "Give it limit, against, or both.",
      );
    }
    const isOwn = member(item, "source") === "own";
    if (isOwn && against.some((one) => member(one, "kind") === "former-weeks")) {
      const message = "The proxy at the target keeps no former weeks.";
      add("against", message, "Ask prometheus or telemetry, or compare with kind: control.");
    }
    const query = member(item, "query");
    const isOfVersion = typeof query === "string" && query.includes("{version}");
    if (isOfVersion && against.some((one) => member(one, "kind") === "former-weeks")) {
      add("query", "Former weeks had other versions.", "Leave {version} out, or compare with kind: control.");
    }
    if (isOwn && !isOwnQuery(query)) {
      add("query", "The proxy counts nothing of this name.", `Write one of ${ownQueries.join(", ")}.`);
    }
    if (member(item, "source") === "logs" && query !== "new-errors") {
      add("query", "Of logs only new classes of errors are counted.", "Write query: new-errors.");
    }
    const window = member(item, "window");
    if (typeof window === "string" && windowSeconds(window) > maxWindowSeconds) {
      add("window", "The window is longer than an hour.", "Shorten it; what needs longer is watched after the change.");
    }
  }
  return problems;
}

function windowSeconds(text: string): number {
  const read = readDuration(text);
  return read.ok ? elapsedMs(read.value) / 1000 : 0;
}

import { z } from "zod";
import { byDeployment, deploymentId, instant } from "#contract/common.ts";
import { byRun, part } from "#contract/plan.ts";
import { defineRoute } from "#contract/route.ts";

/** What an exporter of OpenTelemetry sends in a minute, with room; it splits what is larger. */
const telemetryBodyLimit = 1024 * 1024;
/** Of one request, in each list. */
const mostEntries = 5_000;
const notJson =
  "OTLP is taken as JSON, with gzip or without, and not as protobuf: set OTEL_EXPORTER_OTLP_PROTOCOL=http/json, or in a Collector `encoding: json` at the exporter otlphttp.";

const list = <T extends z.ZodType>(item: T) => z.array(item).max(mostEntries).optional();
/** 64-bit integers come as text. */
const wide = z.union([z.string().max(30), z.number()]);
const anyValue = z.looseObject({
  stringValue: z.string().optional(),
  intValue: wide.optional(),
  doubleValue: z.number().optional(),
  boolValue: z.boolean().optional(),
});
const attributes = z
  .array(z.looseObject({ key: z.string(), value: anyValue.optional() }))
  .max(128)
  .optional();
const resource = z.looseObject({ attributes }).optional();
const point = z.looseObject({
  attributes,
  startTimeUnixNano: wide.optional(),
  timeUnixNano: wide.optional(),
  asDouble: wide.optional(),
  asInt: wide.optional(),
  count: wide.optional(),
  sum: wide.optional(),
});
const sums = z.looseObject({
  dataPoints: list(point),
  aggregationTemporality: z.int().optional(),
  isMonotonic: z.boolean().optional(),
});
const metric = z.looseObject({
  name: z.string().min(1).max(1_000),
  gauge: z.looseObject({ dataPoints: list(point) }).optional(),
  sum: sums.optional(),
  histogram: sums.optional(),
  // Counted as rejected, with what to use instead.
  exponentialHistogram: z.looseObject({ dataPoints: list(z.unknown()) }).optional(),
  summary: z.looseObject({ dataPoints: list(z.unknown()) }).optional(),
});
const log = z.looseObject({
  timeUnixNano: wide.optional(),
  observedTimeUnixNano: wide.optional(),
  severityNumber: z.int().optional(),
  body: anyValue.optional(),
  attributes,
});

/** As OTLP/HTTP has it: what was rejected, and why. Left out when all was taken: exporters warn of any that is there. */
const errorMessage = z.string();

const intake = {
  method: "post",
  tag: "rollout",
  permission: "report.submit",
  // An exporter sends no key: points are known by their series and second.
  idempotent: false,
  bodyLimit: telemetryBodyLimit,
  gzip: true,
  notJson,
  problems: ["foreign-source"],
} as const;

export const sendMetrics = defineRoute({
  ...intake,
  path: "/v1/telemetry/v1/metrics",
  operation: "sendMetrics",
  summary: "OTLP/HTTP in JSON: metrics of services, for success criteria",
  body: z.strictObject({
    resourceMetrics: z
      .array(z.looseObject({ resource, scopeMetrics: list(z.looseObject({ metrics: list(metric) })) }))
      .max(mostEntries),
  }),
  answers: {
    200: z.strictObject({ partialSuccess: z.strictObject({ rejectedDataPoints: z.int(), errorMessage }).optional() }),
  },
});

export const sendLogs = defineRoute({
  ...intake,
  path: "/v1/telemetry/v1/logs",
  operation: "sendLogs",
  summary: "OTLP/HTTP in JSON: logs of services; classes of errors are counted, lines are not kept",
  body: z.strictObject({
    resourceLogs: z
      .array(z.looseObject({ resource, scopeLogs: list(z.looseObject({ logRecords: list(log) })) }))
      .max(mostEntries),
  }),
  answers: {
    200: z.strictObject({ partialSuccess: z.strictObject({ rejectedLogRecords: z.int(), errorMessage }).optional() }),
  },
});

const span = z.strictObject({ from: z.number(), until: z.number() });
const series = z.strictObject({
  labels: z.record(z.string(), z.string()),
  unit: z.string(),
  /** Null: the source sent what is no number. */
  points: z.array(
    z.strictObject({ atSecond: z.number().nullable(), value: z.number().nullable(), weight: z.number().optional() }),
  ),
});

export const criterionResult = z
  .strictObject({
    /** `5 %`, `100 %`, or the name of the step of a run. */
    stage: z.string(),
    criterion: z.string(),
    at: instant,
    outcome: z.enum(["pass", "fail", "inconclusive", "flagged"]),
    /** `within`, `breach`, or why it is inconclusive. */
    code: z.string(),
    sentence: z.string(),
    rule: z.strictObject({
      source: z.string(),
      query: z.string(),
      unit: z.string(),
      worse: z.enum(["higher", "lower"]),
      /** The absolute limit; null: compared only. */
      limit: z.number().nullable(),
      windowSeconds: z.number(),
      freshSeconds: z.number(),
    }),
    value: z.number().nullable(),
    bounds: z.array(
      z.strictObject({
        kind: z.string(),
        bound: z.number(),
        reference: z.number().nullable(),
        isBreached: z.boolean(),
      }),
    ),
    /** Epoch second of the newest thing that the source knew; null: nothing. */
    newest: z.number().nullable(),
    span,
    /** As the source sent them. */
    series: z.array(series),
    compared: z.array(
      z.strictObject({
        as: z.enum(["control", "former-week"]),
        span,
        series: z.array(series),
        value: z.number().nullable(),
      }),
    ),
  })
  .meta({ id: "CriterionResult" });

export const getCriteria = defineRoute({
  method: "get",
  path: "/v1/deployments/:id/criteria",
  operation: "getCriteria",
  tag: "rollout",
  summary: "How the success criteria of a deployment stand or ended in each stage, with the series they were judged by",
  permission: "deployment.read",
  params: byDeployment,
  answers: {
    200: z.strictObject({ deployment: deploymentId, items: z.array(criterionResult) }).meta({ id: "CriterionResults" }),
  },
  problems: ["no-such-deployment"],
});

export const getRunCriteria = defineRoute({
  method: "get",
  path: "/v1/runs/:id/criteria",
  operation: "getRunCriteria",
  tag: "plan",
  summary: "How the criteria that steps of a run watch stand or ended, with the series they were judged by",
  permission: "deployment.read",
  params: byRun,
  answers: {
    200: z
      .strictObject({ run: z.string(), items: z.array(criterionResult.extend({ part }).meta({ id: "RunCriterion" })) })
      .meta({ id: "RunCriteria" }),
  },
  problems: ["no-such-run"],
});

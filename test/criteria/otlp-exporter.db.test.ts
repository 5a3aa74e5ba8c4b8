import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { AggregationTemporality, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { listen, type Listening } from "#api/listen.ts";
import { buildApp } from "#api/server.ts";
import { fakeDeployer } from "#connectors/fake/deployer.ts";
import type { Criterion } from "#core/criteria/criterion.ts";
import { systemClock, wallMs } from "#runtime/clock.ts";
import { lookAtCriterion } from "#usecases/criteria/look-at-criterion.ts";
import { metricSourcesOf, noSource } from "#usecases/criteria/sources.ts";
import { makeTakeTelemetry } from "#usecases/criteria/take-telemetry.ts";
import { fakeApi, type FakeApi } from "#test/api/fakes.ts";
import { openStore, organisationOf } from "#test/main-job/bench.ts";
import { documentsOf } from "#test/support/configuration.ts";
import { until } from "#test/support/installation.ts";
import type { TestStore } from "#test/support/store.ts";

/*
 * The intake as exporters of OpenTelemetry meet it: the packages that services use send over a socket, into a real store.
 */

const startAt = Temporal.Instant.from("2026-11-02T12:00:00Z");
const asked = `kind: Criteria
metadata: { name: of-s1 }
spec:
  scope: { services: [s1] }
  criteria: [{ name: orders, source: telemetry, query: asked.for, unit: orders/s, worse: lower, limit: 1 }]`;

let store: TestStore;
let api: FakeApi;
let listening: Listening;

before(async () => {
  store = await openStore(3, startAt, [...organisationOf(3), ...documentsOf(asked)]);
  api = fakeApi();
  const taking = makeTakeTelemetry({ wallNow: systemClock.now, transact: store.transact });
  const allowedHosts: string[] = [];
  const settings = { ...api.deps.settings, allowedHosts };
  const app = buildApp({ ...api.deps, intake: { ...api.deps.intake, ...taking }, settings });
  listening = await listen(app, { port: 0 });
  allowedHosts.push(`127.0.0.1:${listening.port}`);
});
after(async () => {
  await listening.stop();
  await store[Symbol.asyncDispose]();
});

const secondNow = (): number => Math.floor(wallMs() / 1000);
const sources = () =>
  metricSourcesOf(
    fakeDeployer({ now: systemClock.now, programs: [] }),
    store.transact,
    noSource("prometheus", "TIDEGATE_PROMETHEUS"),
  );

const criterion: Criterion = {
  name: "shop",
  source: "telemetry",
  query: "",
  unit: "",
  aggregate: "last",
  worse: "higher",
  limit: 5,
  against: [],
  windowSeconds: 2,
  freshSeconds: 60,
  minPoints: 1,
  minObservations: 0,
  whenAbsent: "unknown",
  onBreach: "fail",
};

const attributes = {
  "service.name": "s0",
  "service.version": "1.1.0",
  "deployment.environment.name": "prod",
  "process.command_args": ["node", "shop.js"],
};

function exporterOf(temporality: AggregationTemporality, as: "operator" | null = "operator") {
  const headers: Record<string, string> = as === null ? {} : { authorization: `Bearer ${api.tokens[as]}` };
  const url = `${listening.url}/v1/telemetry/v1/metrics`;
  const exporter = new OTLPMetricExporter({ url, headers, temporalityPreference: temporality });
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: 3_600_000,
    exportTimeoutMillis: 30_000,
  });
  const provider = new MeterProvider({ resource: resourceFromAttributes(attributes), readers: [reader] });
  return { provider, meter: provider.getMeter("shop") };
}

const judged = (query: string, more: Partial<Criterion> = {}) => {
  const subject = { service: "s0", environment: "prod", zone: "UTC", version: "1.1.0", control: null };
  const now = secondNow() + 1;
  return lookAtCriterion(
    { sources: sources() },
    { ...criterion, ...more, query },
    subject,
    { from: now - 30, until: now },
    null,
  );
};

for (const [title, temporality, packing] of [
  ["as it is", AggregationTemporality.CUMULATIVE, "none"],
  ["with gzip, as deltas", AggregationTemporality.DELTA, "gzip"],
] as const) {
  test(`what a real exporter sends, ${title}, becomes verdicts of criteria`, async () => {
    process.env["OTEL_EXPORTER_OTLP_COMPRESSION"] = packing;
    const { provider, meter } = exporterOf(temporality);
    const name = (metric: string): string => `${metric}.${packing}`;
    const orders = meter.createCounter(name("orders"));
    const took = meter.createHistogram(name("took"), { unit: "ms" });
    meter.createObservableGauge(name("queue")).addCallback((seen) => seen.observe(7));
    for (let flush = 0; flush < 2; flush++) {
      const began = secondNow();
      orders.add(40, { region: "emea" });
      took.record(120);
      await provider.forceFlush();
      await until("the next second has begun", async () => secondNow() > began);
    }
    await provider.shutdown();
    const queue = await judged(`${name("queue")}{version="1.1.0"}`);
    assert.deepEqual([queue.outcome, queue.value], ["fail", 7], queue.sentence);
    // The last export, of the shutdown, has nothing new to count.
    const rising = { worse: "lower", limit: 1, aggregate: "max" } as const;
    const rate = await judged(`${name("orders")}{version="{version}",region="emea"}`, rising);
    assert.equal(rate.outcome, "pass", rate.sentence);
    assert.ok(rate.value !== null && rate.value > 1 && rate.value <= 40, rate.sentence);
    const count = await judged(name("took.count").replace(`.count.${packing}`, `.${packing}.count`), { limit: 100 });
    assert.equal(count.outcome, "pass", count.sentence);
  });
}

test("errors that a real exporter of logs sends are counted by their class", async () => {
  process.env["OTEL_EXPORTER_OTLP_COMPRESSION"] = "gzip";
  const headers = { authorization: `Bearer ${api.tokens.operator}` };
  const exporter = new OTLPLogExporter({ url: `${listening.url}/v1/telemetry/v1/logs`, headers });
  const processor = new SimpleLogRecordProcessor({ exporter });
  const provider = new LoggerProvider({ resource: resourceFromAttributes(attributes), processors: [processor] });
  const logger = provider.getLogger("shop");
  for (let order = 0; order < 5; order++) logger.emit({ severityNumber: 17, body: `Order ${order} is lost` });
  logger.emit({ severityNumber: 9, body: "All is well" });
  await provider.forceFlush();
  await provider.shutdown();
  const span = { from: secondNow() - 60, until: secondNow() + 1 };
  const about = { service: "s0", environment: "prod", version: "1.1.0", span };
  const errors = await store.transact((records) => records.telemetry.newErrorsOf(about));
  assert.deepEqual([...new Set(errors.map(({ pattern }) => pattern))], ["Order # is lost"]);
  assert.equal(
    errors.reduce((sum, { count }) => sum + count, 0),
    5,
  );
});

interface Sent {
  readonly body: string | Uint8Array;
  readonly type?: string;
  readonly encoding?: string;
  readonly token?: string | null;
}

async function send({ body, type = "application/json", encoding, token = api.tokens.operator }: Sent) {
  const answered = await fetch(`${listening.url}/v1/telemetry/v1/metrics`, {
    method: "POST",
    headers: {
      "content-type": type,
      ...(encoding === undefined ? {} : { "content-encoding": encoding }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: typeof body === "string" ? body : Uint8Array.from(body),
  });
  return { status: answered.status, text: await answered.text() };
}

function metricsOf(count: number, more: { readonly service?: string; readonly metric?: string } = {}): string {
  const { service = "s2", metric = "flood" } = more;
  const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const timeUnixNano = `${wallMs()}000000`;
  const dataPoints = Array.from({ length: count }, (_, index) => ({
    timeUnixNano,
    asDouble: index,
    attributes: [text("request", `${metric}-${index}`)],
  }));
  const resource = { attributes: [text("service.name", service), text("deployment.environment.name", "prod")] };
  return JSON.stringify({
    resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name: metric, gauge: { dataPoints } }] }] }],
  });
}

const mebibyte = 1024 * 1024;
for (const [title, sent, status, says] of [
  [
    "protobuf",
    { body: new Uint8Array([10, 2, 8, 1]), type: "application/x-protobuf" },
    415,
    /OTEL_EXPORTER_OTLP_PROTOCOL=http\/json/,
  ],
  ["another packing", { body: "{}", encoding: "br" }, 415, /with gzip or without content encoding/],
  ["what is no gzip", { body: "{}", encoding: "gzip" }, 400, /not what gzip makes/],
  [
    "a bomb of gzip",
    { body: gzipSync(Buffer.alloc(64 * mebibyte, 32)), encoding: "gzip" },
    413,
    /at most 1048576 bytes, unpacked/,
  ],
  ["a huge body", { body: " ".repeat(2 * mebibyte) }, 413, /at most 1048576 bytes/],
  ["deep nesting", { body: `{"resourceMetrics":${"[".repeat(10_000)}` }, 400, /nested deeper than 32 levels/],
  ["deep nesting under gzip", { body: gzipSync("[".repeat(900_000)), encoding: "gzip" }, 400, /nested deeper/],
  ["no token", { body: "{}", token: null }, 401, /Authorization: Bearer/],
  ["a token that is none", { body: "{}", token: "tg_nobody" }, 401, /Authorization: Bearer/],
  ["too many points in a list", { body: metricsOf(5_001) }, 400, /dataPoints/],
  ["no metrics at all", { body: "[]" }, 400, /does not fit/],
] satisfies (readonly [string, Sent, number, RegExp])[]) {
  test(`The intake answers to ${title} with ${status}, and says what to do`, async () => {
    const answered = await send(sent);
    assert.deepEqual([answered.status, says.test(answered.text)], [status, true], answered.text.slice(0, 500));
  });
}

test("a viewer may not send", async () => {
  assert.equal((await send({ body: metricsOf(1), token: api.tokens.viewer })).status, 403);
});

test("fields that nobody knows are passed over, and of a service that nobody declares nothing is stored", async () => {
  const unknown = JSON.stringify({
    resourceMetrics: [
      { schemaUrl: "https://x.example", resource: { attributes: [], droppedAttributesCount: 3, colour: "red" } },
    ],
  });
  assert.deepEqual(await send({ body: unknown }), { status: 200, text: "{}" });
  const foreign = await send({ body: metricsOf(2, { service: "other-company-api" }) });
  assert.match(foreign.text, /"rejectedDataPoints":2.*2 name a service or an environment that no document declares/);
  const kept = await store.pool.query(
    "select count(*)::int as n from telemetry_series where service = 'other-company-api'",
  );
  assert.deepEqual(kept.rows, [{ n: 0 }]);
});

test("labels that never repeat fill a place up to its limit, and what a document asks for finds room behind them", async () => {
  const flood = await send({ body: metricsOf(2_000, { service: "s1" }) });
  assert.match(flood.text, /"rejectedDataPoints":1700.*beyond the limit of their service; send fewer attributes/);
  const late = await send({ body: metricsOf(1, { service: "s1", metric: "late" }) });
  assert.match(late.text, /"rejectedDataPoints":1/);
  assert.deepEqual(await send({ body: metricsOf(1, { service: "s1", metric: "asked.for" }) }), {
    status: 200,
    text: "{}",
  });
  const more = await send({ body: metricsOf(400, { service: "s1", metric: "asked.for" }) });
  assert.match(more.text, /"rejectedDataPoints":100/);
});

test("what an exporter says of a histogram with exponential buckets is rejected with what to send instead", async () => {
  const text = metricsOf(1).replace('"gauge"', '"exponentialHistogram"');
  assert.match((await send({ body: text })).text, /"rejectedDataPoints":1.*send a histogram with explicit buckets/);
});

test("an exporter that hangs in the middle of a body holds nobody else", async () => {
  const headers = {
    authorization: `Bearer ${api.tokens.operator}`,
    "content-type": "application/json",
    "content-length": "1000",
  };
  const hanging = request(`${listening.url}/v1/telemetry/v1/metrics`, { method: "POST", headers });
  hanging.on("error", () => undefined);
  hanging.write('{"resourceMetrics":');
  await once(hanging, "socket");
  assert.equal((await send({ body: '{"resourceMetrics":[]}' })).status, 200);
  hanging.destroy();
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { z } from "zod";
import { conformsAsMetricSource } from "#connectors/metric-conformance.ts";
import type { MetricQuestion, MetricSource } from "#connectors/port.ts";
import { prometheusSource } from "#connectors/prometheus/connector.ts";
import { selectorsOf } from "#connectors/prometheus/selectors.ts";

const token = "a-secret-of-the-proxy";
const span = { from: 10_000, until: 10_060 };
const question: MetricQuestion = {
  service: "shop",
  environment: "prod",
  version: "1.1.0",
  query: 'errors{version="1.1.0"}',
  span,
  stepSeconds: 5,
  unit: "%",
};

async function openServer(listener: RequestListener, answerWithinMs = 2_000) {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.int() }).parse(server.address());
  const source = prometheusSource({ url: `http://127.0.0.1:${port}/`, token, answerWithinMs });
  return {
    source,
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function withServer(listener: RequestListener, body: (source: MetricSource) => Promise<void>, withinMs?: number) {
  const { source, close } = await openServer(listener, withinMs);
  try {
    await body(source);
  } finally {
    await close();
  }
}

/** One series until the end of the span, as the HTTP API describes its answers: the last value repeats for five minutes. */
const memory: RequestListener = (request, response) => {
  void text(request).then((body) => {
    const fields = new URLSearchParams(body);
    const answer = (status: number, told: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(told));
    };
    if (request.headers.authorization !== `Bearer ${token}`) return answer(401, {});
    const query = fields.get("query") ?? "";
    if (query.includes("((")) return answer(400, { status: "error", errorType: "bad_data", error: "parse error" });
    const isKnown = query.includes("errors{");
    const metric = { version: "1.1.0" };
    if (request.url === "/api/v1/query") {
      const at = Math.min(Number(fields.get("time")), span.until - 1);
      const result = isKnown ? [{ metric: {}, value: [at, String(at)] }] : [];
      return answer(200, { status: "success", data: { resultType: "vector", result } });
    }
    const values: [number, string][] = [];
    for (let at = Number(fields.get("start")); at <= Number(fields.get("end")); at += Number(fields.get("step"))) {
      if (at >= span.from && at < span.until + 300) values.push([at, "0.5"]);
    }
    const result = isKnown ? [{ metric, values }] : [];
    return answer(200, { status: "success", data: { resultType: "matrix", result } });
  });
};

conformsAsMetricSource("Prometheus in memory", async () => ({
  ...(await openServer(memory)),
  known: question,
  value: 0.5,
  unknown: 'nobody{version="1.1.0"}',
  unreadable: "sum((errors{}",
}));

const hang: RequestListener = () => undefined;
for (const [title, listener, code, retry] of [
  ["hangs", hang, "unreachable", "later"],
  ["is busy", (_, response) => void response.writeHead(503).end(), "busy", "later"],
  ["does not let us in", (_, response) => void response.writeHead(403).end(), "refused", "never"],
  ["sends a page", (_, response) => void response.end("<html>"), "bad-answer", "later"],
  ["sends without end", (_, response) => void response.end(`"${"x".repeat(3 * 1024 * 1024)}"`), "bad-answer", "later"],
  ["sends elsewhere", (_, response) => void response.writeHead(302, { location: "/x" }).end(), "unreachable", "later"],
  ["breaks off", (request) => void request.socket.destroy(), "unreachable", "later"],
] satisfies (readonly [string, RequestListener, string, string])[]) {
  test(`Of a Prometheus that ${title} the reader learns ${code}, ${retry}, and no secret`, () =>
    withServer(
      listener,
      async (source) => {
        const read = await source.read(question);
        assert.deepEqual(!read.ok && [read.error.code, read.error.retry], [code, retry]);
        assert.ok(!JSON.stringify(read).includes(token));
      },
      title === "hangs" ? 200 : undefined,
    ));
}

for (const [query, selectors] of [
  ['rate(m{l="x"}[1m])', ['m{l="x"}']],
  ["sum by (job, le) (rate(a_total[5m])) / on (job) group_left sum(b)", ["a_total", "b"]],
  ['m{text="}) sum(x)"} offset 5m and bool', ['m{text="}) sum(x)"}']],
  ['histogram_quantile(0.95, sum without (pod) (rate(h_bucket{v=~"1.*"}[2m])))', ['h_bucket{v=~"1.*"}']],
  ['{__name__="x"} > 1e3', ['{__name__="x"}']],
  ["1 - 0.5", []],
] as const) {
  test(`The selectors of ${query} are found`, () => {
    assert.deepEqual(selectorsOf(query), selectors);
  });
}

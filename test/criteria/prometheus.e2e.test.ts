import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { conformsAsMetricSource } from "#connectors/metric-conformance.ts";
import type { MetricQuestion } from "#connectors/port.ts";
import { prometheusSource } from "#connectors/prometheus/connector.ts";
import type { Criterion } from "#core/criteria/criterion.ts";
import { wallMs } from "#runtime/clock.ts";
import { measuredSteps, spanToAsk } from "#core/rollout/measured.ts";
import { standingOf } from "#core/rollout/triggers.ts";
import { askSource, lookAtCriterion } from "#usecases/criteria/look-at-criterion.ts";
import { metricSourcesOf } from "#usecases/criteria/sources.ts";
import { fakeDeployer } from "#connectors/fake/deployer.ts";
import { freePorts } from "#test/support/free-ports.ts";
import { until } from "#test/support/installation.ts";

const binary = "/usr/bin/prometheus";
const skip = existsSync(binary) && existsSync("/usr/bin/promtool") ? undefined : "not run: Prometheus is not installed";
const options = skip === undefined ? {} : { skip };

const week = 7 * 24 * 3600;
/** What is judged ends here; every sample is written before Prometheus starts, so that nobody waits for five weeks. */
const end = Math.floor(wallMs() / 1000) - 3 * 3600;
const span = { from: end - 300, until: end };

const folder = mkdtempSync(join(tmpdir(), "tidegate-prometheus-"));
let url = "";
let stop: () => Promise<void> = async () => undefined;

function samples(): string {
  const lines: string[] = ["# TYPE orders_total counter", "# TYPE error_ratio gauge"];
  const text: string[] = [];
  for (let weeks = 4; weeks >= 0; weeks--) {
    const rate = weeks === 0 ? 70 : 100;
    for (let at = end - 900; at < end; at += 15) {
      text.push(`orders_total{service="shop"} ${(at - (end - 900)) * rate} ${at - weeks * week}`);
    }
  }
  lines.splice(1, 0, ...text);
  for (let at = end - 900; at < end; at += 15) lines.push(`error_ratio{service="shop",version="1.1.0"} 0 ${at}`);
  return `${lines.join("\n")}\n# EOF\n`;
}

before(async () => {
  if (skip !== undefined) return;
  const file = join(folder, "history.om");
  writeFileSync(file, samples());
  const data = join(folder, "data");
  const made = spawnSync("/usr/bin/promtool", ["tsdb", "create-blocks-from", "openmetrics", file, data], {
    encoding: "utf8",
  });
  assert.equal(made.status, 0, made.stderr);
  const config = join(folder, "prometheus.yml");
  writeFileSync(config, "global: { scrape_interval: 1h }\n");
  const port = await freePorts(1);
  url = `http://127.0.0.1:${port}`;
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${data}`, "--storage.tsdb.retention.time=100d"];
  const child = spawn(binary, [...args, `--web.listen-address=127.0.0.1:${port}`], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
  stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  await until("Prometheus is ready", async () => (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true);
});
after(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

const known: MetricQuestion = {
  service: "shop",
  environment: "prod",
  version: "1.1.0",
  query: 'error_ratio{service="shop",version="1.1.0"}',
  span,
  stepSeconds: 15,
  unit: "%",
};

conformsAsMetricSource(
  "Prometheus of Debian",
  async () => ({
    source: prometheusSource({ url }),
    known,
    value: 0,
    unknown: "nobody_sends_it",
    unreadable: "sum((",
    close: async () => undefined,
  }),
  options,
);

const errors: Criterion = {
  name: "errors",
  source: "prometheus",
  query: 'error_ratio{service="{service}",version="{version}"}',
  unit: "%",
  aggregate: "mean",
  worse: "higher",
  limit: 1,
  against: [],
  windowSeconds: 300,
  freshSeconds: 60,
  minPoints: 3,
  minObservations: 0,
  whenAbsent: "unknown",
  onBreach: "fail",
};
const orders: Criterion = {
  ...errors,
  name: "orders",
  query: 'sum(rate(orders_total{service="{service}"}[1m]))',
  unit: "orders/s",
  worse: "lower",
  limit: null,
  against: [{ kind: "former-weeks", percent: 90, weeks: 4, minWeeks: 3 }],
};

test(
  "With a real Prometheus: no errors, 70 % of the volume fails, and five minutes of silence is inconclusive",
  options,
  async () => {
    const deployer = fakeDeployer({ now: () => Temporal.Instant.fromEpochMilliseconds(0), programs: [] });
    const sources = metricSourcesOf(deployer, () => assert.fail("nothing is stored here"), prometheusSource({ url }));
    const subject = { service: "shop", environment: "prod", zone: "UTC", version: "1.1.0", control: "1.0.0" };
    const healthy = await lookAtCriterion({ sources }, errors, subject, span, null);
    assert.equal(healthy.outcome, "pass", healthy.sentence);
    const short = await lookAtCriterion({ sources }, orders, subject, span, null);
    assert.deepEqual([short.outcome, short.code], ["fail", "breach"], short.sentence);
    assert.ok(
      Math.abs((short.value ?? 0) - 70) < 0.5 && Math.abs((short.bounds[0]?.reference ?? 0) - 100) < 0.5,
      short.sentence,
    );
    assert.equal(short.compared.length, 4);
    // Prometheus goes on answering with the last value; nobody takes it for news.
    const later = { from: span.from + 300, until: span.until + 300 };
    for (const criterion of [errors, orders]) {
      const silent = await lookAtCriterion({ sources }, { ...criterion, against: [], limit: 1 }, subject, later, null);
      assert.equal(silent.outcome, "inconclusive", silent.sentence);
    }
  },
);

test(
  "With a real Prometheus: a trigger of what is live sees orders fall, and silence is neither health nor harm",
  options,
  async () => {
    const deployer = fakeDeployer({ now: () => Temporal.Instant.fromEpochMilliseconds(0), programs: [] });
    const sources = metricSourcesOf(deployer, () => assert.fail("nothing is stored here"), prometheusSource({ url }));
    const metric = {
      source: "prometheus",
      query: 'sum(rate(orders_total{service="{service}"}[1m]))',
      unit: "orders/s",
      worse: "lower",
      freshSeconds: 60,
      whenAbsent: "unknown",
    } as const;
    const trigger = {
      name: "orders",
      kind: "metric",
      above: 90,
      breaches: 3,
      of: 5,
      minRequests: 1,
      evidence: null,
      metric,
    } as const;
    const version = "1.1.0";
    const seenAt = async (nowSecond: number) => {
      const asked = spanToAsk(trigger, { nowSecond, liveSecond: end - 900 });
      const subject = { service: "shop", environment: "prod", version };
      const answer = await askSource({ sources }, { ...metric, windowSeconds: 300 }, subject, asked);
      return measuredSteps(trigger, { answer, version, nowSecond, liveSecond: end - 900, memory: null });
    };
    const fresh = await seenAt(end);
    assert.deepEqual([standingOf(trigger, fresh.steps), Math.round(fresh.measured.value ?? 0)], ["breached", 70]);
    const silent = await seenAt(end + 180);
    assert.deepEqual([standingOf(trigger, silent.steps), silent.steps], ["unknown", []]);
    assert.match(silent.measured.trouble ?? "", /the newest point is \d+ s old|no series/);
  },
);

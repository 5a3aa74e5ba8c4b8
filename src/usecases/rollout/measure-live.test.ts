import assert from "node:assert/strict";
import { test } from "node:test";
import type { Failure, MetricQuestion, MetricSource } from "#connectors/port.ts";
import type { MetricAnswer } from "#core/criteria/series.ts";
import { ok, type Result } from "#core/result.ts";
import type { MetricTrigger } from "#core/rollout/triggers.ts";
import { armedState } from "#core/rollout/watch.ts";
import { newId } from "#runtime/ids.ts";
import { noSource } from "#usecases/criteria/sources.ts";
import { makeMeasureLive } from "#usecases/rollout/measure-live.ts";
import type { LiveWatch, WatchMemory } from "#usecases/rollout/watch-records.ts";

const deployment = newId<"DeploymentId">("deployment");
const liveAt = Temporal.Instant.from("2026-06-01T10:00Z");
const trigger: MetricTrigger = {
  name: "failed",
  kind: "metric",
  above: 2,
  breaches: 1,
  of: 1,
  minRequests: 1,
  evidence: null,
  metric: {
    source: "prometheus",
    query: 'failed{service="{service}",version="{version}"}',
    unit: "%",
    worse: "higher",
    freshSeconds: 60,
    whenAbsent: "unknown",
  },
};

function liveOf(more: Partial<WatchMemory> = {}): LiveWatch {
  return {
    deployment,
    service: "shop",
    environment: "prod",
    version: "2.0.0",
    digest: `sha256:${"0".repeat(64)}`,
    watch: { name: "w", scope: {}, priority: 0, armedSeconds: 600, triggers: [trigger], stabilisation: null },
    memory: { ...armedState(liveAt), liveSecond: null, newest: null, budgetLeft: null, exit: null, ...more },
    liveAt,
    armedUntil: liveAt.add({ minutes: 10 }),
    watchedUntil: liveAt.add({ minutes: 20 }),
    prolonged: 0,
    lookAt: liveAt,
  };
}

/** A worker whose Prometheus answers what the test says, and a clock that the test moves. */
function workerWith(read: (question: MetricQuestion) => Promise<Result<MetricAnswer, Failure>>) {
  let now = liveAt.add({ seconds: 120 });
  const asked: MetricQuestion[] = [];
  const prometheus: MetricSource = {
    id: "prometheus",
    read: (question) => {
      asked.push(question);
      return read(question);
    },
  };
  const none = (id: "own" | "telemetry" | "logs"): MetricSource => noSource(id, "nothing");
  const measure = makeMeasureLive({
    sources: { prometheus, own: none("own"), telemetry: none("telemetry"), logs: none("logs") },
    wallNow: () => now,
    // The grace is over at once: whatever has not answered by then keeps nobody waiting.
    pause: () => new Promise((resolve) => void setImmediate(resolve)),
  });
  return {
    asked,
    look: (more: Partial<WatchMemory> = {}) => measure(liveOf(more), now),
    pass: (seconds: number) => {
      now = now.add({ seconds });
      return Math.floor(now.epochMilliseconds / 1000);
    },
  };
}

const answerUntil = (second: number, value = 9): Result<MetricAnswer, Failure> =>
  ok({ series: [{ labels: {}, unit: "%", points: [{ atSecond: second - 1, value }] }], completeUntil: second });

test("a source that answers at once is judged in the look that asked it, and asked again after five seconds", async () => {
  const worker = workerWith(async ({ span }) => answerUntil(span.until));
  const first = await worker.look();
  assert.deepEqual([first.steps["failed"], first.measured["failed"]?.value], [[9], 9]);
  assert.equal(worker.asked[0]?.query, 'failed{service="shop",version="2.0.0"}');
  assert.equal(first.wallLiveSecond, liveAt.epochMilliseconds / 1000);
  worker.pass(2);
  await worker.look();
  assert.equal(worker.asked.length, 1);
  worker.pass(3);
  await worker.look();
  assert.equal(worker.asked.length, 2);
});

test("a source that hangs keeps nobody waiting: what it said last counts until it is stale, and then nobody knows", async () => {
  let isHanging = false;
  const worker = workerWith(({ span }) =>
    isHanging ? new Promise(() => undefined) : Promise.resolve(answerUntil(span.until)),
  );
  await worker.look();
  isHanging = true;
  worker.pass(30);
  assert.deepEqual((await worker.look()).steps["failed"], [9]);
  worker.pass(40);
  const late = await worker.look();
  assert.deepEqual(late.steps["failed"], []);
  assert.match(late.measured["failed"]?.trouble ?? "", /the newest point is \d+ s old/);
  worker.pass(60);
  await worker.look();
  assert.equal(worker.asked.length, 2, "one question is under way, and no second one beside it");
});

test("a source that throws is not known, and is asked again", async () => {
  const worker = workerWith(() => Promise.reject(new Error("socket hang up")));
  const seen = await worker.look();
  assert.match(seen.measured["failed"]?.trouble ?? "", /prometheus failed: Error: socket hang up/);
  worker.pass(5);
  await worker.look();
  assert.equal(worker.asked.length, 2);
});

test("what another worker has seen since is no clock that jumped back: it is asked anew", async () => {
  const worker = workerWith(async ({ span }) => answerUntil(span.until));
  await worker.look();
  const second = worker.pass(2);
  const memory = { newest: second - 1, labels: [] };
  const seen = await worker.look({ measured: { failed: { memory, value: 9, trouble: null } } });
  assert.deepEqual([worker.asked.length, seen.steps["failed"]], [2, [9]]);
});

test("a source that goes back itself is not believed", async () => {
  const worker = workerWith(async ({ span }) => answerUntil(span.until - 20));
  const memory = { newest: worker.pass(0) - 5, labels: [] };
  const seen = await worker.look({ measured: { failed: { memory, value: 9, trouble: null } } });
  assert.deepEqual(seen.steps["failed"], []);
  assert.match(seen.measured["failed"]?.trouble ?? "", /knew second/);
});

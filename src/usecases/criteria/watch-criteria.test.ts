import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { MetricSource } from "#connectors/port.ts";
import type { Criterion } from "#core/criteria/criterion.ts";
import { ok } from "#core/result.ts";
import { watchCriteria } from "#usecases/criteria/watch-criteria.ts";

const rule: Criterion = {
  name: "errors",
  source: "prometheus",
  query: "errors",
  unit: "%",
  aggregate: "mean",
  worse: "higher",
  limit: 1,
  against: [],
  windowSeconds: 60,
  freshSeconds: 60,
  minPoints: 1,
  minObservations: 0,
  whenAbsent: "unknown",
  onBreach: "fail",
};
const subject = { service: "cart", environment: "prod", zone: "UTC", version: "1.1.0", control: "1.0.0" };

test("A clock that is set back by an hour leaves no answer of before in force", async () => {
  let second = 10_000;
  let asked = 0;
  const source: MetricSource = {
    id: "prometheus",
    read: ({ span }) => {
      asked += 1;
      const points = [{ atSecond: span.until - 1, value: asked === 1 ? 0 : 9 }];
      return Promise.resolve(ok({ series: [{ labels: {}, unit: "%", points }], completeUntil: null }));
    },
  };
  const sources = { own: source, prometheus: source, telemetry: source, logs: source };
  const wallNow = (): Temporal.Instant => Temporal.Instant.fromEpochMilliseconds(second * 1000);
  const deps = { sources, wallNow, pause: () => nextTurn() };
  const watch = watchCriteria(deps, [rule], subject, { stage: "5 %", sinceSecond: 0 });
  await watch.look();
  await watch.look();
  assert.equal(asked, 1, "not asked again before it is due");
  second -= 3_600;
  const [standing] = await watch.look();
  assert.equal(asked, 2);
  assert.notEqual(standing?.judgement?.outcome, "pass");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { countSecond } from "#connectors/fake/traffic.ts";
import type { Deployer, MetricSource } from "#connectors/port.ts";
import type { Criterion } from "#core/criteria/criterion.ts";
import { ok } from "#core/result.ts";
import { noSource, ownCounters } from "#usecases/criteria/sources.ts";
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

const away = noSource("prometheus", "TIDEGATE_PROMETHEUS");
const nobody = { own: away, prometheus: away, telemetry: away, logs: away };

test("A spike of one second between two looks is seen by the largest value, and stands until somebody has looked", async () => {
  let now = 1_065;
  const traffic: Deployer["traffic"] = async ({ since }) => {
    const seconds = Array.from({ length: now - since }, (_, index) => {
      const errorRate = since + index === 1_069 ? 0.9 : 0;
      return countSecond(since + index, "1.1.0", 100, { errorRate, medianMs: 20 });
    });
    return ok({ seconds, completeBefore: now });
  };
  const spikes: Criterion = {
    ...rule,
    name: "spikes",
    source: "own",
    query: "errors-percent",
    aggregate: "max",
    limit: 20,
  };
  const watching = (criterion: Criterion) => {
    const deps = {
      sources: { ...nobody, own: ownCounters({ traffic }) },
      wallNow: () => Temporal.Instant.fromEpochMilliseconds(now * 1000),
      pause: () => nextTurn(),
    };
    const watch = watchCriteria(deps, [criterion], subject, { stage: "5 %", sinceSecond: 1_000 });
    const seen: (string | undefined)[] = [];
    const look = async (): Promise<void> => {
      // The first look asks; an answer that came behind it is seen in the next.
      await watch.look();
      seen.push((await watch.look())[0]?.judgement?.outcome);
    };
    return { seen, look };
  };
  const flagging = watching({ ...spikes, onBreach: "flag" });
  const failing = watching(spikes);
  const mean = watching({ ...spikes, aggregate: "mean" });
  for (const one of [flagging, failing, mean]) await one.look();
  now += 10;
  for (const one of [flagging, failing, mean]) await one.look();
  assert.deepEqual(
    [flagging.seen, failing.seen, mean.seen],
    [
      ["pass", "flagged"],
      ["pass", "fail"],
      ["pass", "pass"],
    ],
  );
  now += 120;
  await flagging.look();
  assert.equal(flagging.seen.at(-1), "flagged");
});

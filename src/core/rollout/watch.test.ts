import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { MetricSeries } from "#core/criteria/series.ts";
import { latencyMinutesOf, minutesOf } from "#core/rollout/live-steps.ts";
import { standingOf, type Steps, type Trigger } from "#core/rollout/triggers.ts";
import { armedState, lookAtLive, type Watch, type WatchAct, type WatchState } from "#core/rollout/watch.ts";

const liveAt = Temporal.Instant.from("2026-06-01T10:00Z");
const after = (seconds: number): Temporal.Instant => liveAt.add({ seconds });
const span = { liveAt, armedUntil: after(1800), watchedUntil: after(24 * 3600) };
const noEvidence = { minRequests: 20, evidence: null };
const errors: Trigger = { name: "errors", kind: "errors", above: 2, breaches: 3, of: 5, ...noEvidence };
const mismatch: Trigger = {
  name: "ledger",
  kind: "integrity",
  above: 0,
  breaches: 1,
  of: 1,
  minRequests: 0,
  evidence: "reconciliation",
};
const health: Trigger = { name: "health", kind: "health", above: 0, breaches: 3, of: 3, ...noEvidence };
const watch: Watch = {
  name: "after-live",
  scope: {},
  priority: 0,
  armedSeconds: 1800,
  triggers: [errors, mismatch, health],
  stabilisation: {
    lastsSeconds: 24 * 3600,
    alerts: [{ ...errors, name: "tight-errors", above: 1 }],
    watcher: null,
    checkInSeconds: null,
    escalate: null,
  },
};

/** Errors in per cent by second since going live, at 50 requests a second. */
function seriesOf(percentAt: (second: number) => number | null, seconds: number): MetricSeries {
  const points = Array.from({ length: seconds }, (_, atSecond) => ({ atSecond, value: percentAt(atSecond) }));
  const known = points.flatMap(({ atSecond, value }) => (value === null ? [] : [{ atSecond, value, weight: 50 }]));
  return { labels: {}, unit: "%", points: known };
}

/** Looks every five seconds at what such errors come to; the second and the kind of every act. */
function played(
  percentAt: (second: number) => number | null,
  seconds: number,
  more: (second: number) => Readonly<Record<string, Steps>> = () => ({ ledger: [0], health: [0] }),
): readonly (readonly [number, string])[] {
  const series = seriesOf(percentAt, seconds);
  let state: WatchState = armedState(liveAt);
  const acts: (readonly [number, string])[] = [];
  for (let second = 5; second <= seconds; second += 5) {
    const minutes = minutesOf(series, errors, { liveSecond: 0, until: second });
    const steps = { errors: minutes, "tight-errors": minutes, ...more(second) };
    const looked = lookAtLive(watch, span, state, { at: after(second), steps });
    state = looked.state;
    acts.push(...looked.acts.map((act) => [second, sayAct(act)] as const));
  }
  return acts;
}

function sayAct(act: WatchAct): string {
  return "trigger" in act ? `${act.kind} ${act.trigger.name}` : act.kind;
}

test("2.5 % for three minutes within the window takes it back at the latest when they are over", () => {
  const acts = played((second) => (second >= 300 && second < 480 ? 2.5 : 0.4), 900);
  const back = acts.find(([, said]) => said === "roll-back errors");
  assert.ok(back !== undefined && back[0] >= 460 && back[0] <= 510, String(back));
  assert.equal(acts.at(-1), back, "what was taken back is watched no more");
});

test("the same at minute 31 alerts and takes nothing back", () => {
  const acts = played((second) => (second >= 1860 && second < 2040 ? 2.5 : 0.4), 2400).map(([, said]) => said);
  assert.deepEqual(acts, ["disarmed", "alert tight-errors", "alert errors", "calm errors", "calm tight-errors"]);
});

test("one spike takes nothing back, however high and wherever it lies in the minute", () => {
  for (let from = 300; from < 360; from += 7) {
    const acts = played((second) => (second >= from && second < from + 20 ? 60 : 0.4), 900);
    assert.deepEqual(acts, []);
  }
});

test("a mismatch that is reported takes it back at the next look", () => {
  const acts = played(
    () => 0.4,
    300,
    (second) => ({ ledger: [second >= 120 ? 3 : 0], health: [0] }),
  );
  assert.deepEqual(acts, [[120, "roll-back ledger"]]);
});

test("metrics that are away are neither health nor a breach: it is told, and nothing is taken back", () => {
  const dark = (second: number): boolean => second > 130 && second <= 400;
  const acts = played(
    (second) => (dark(second) ? null : second > 100 && second <= 130 ? 30 : 0.4),
    600,
    (second) => (dark(second) ? {} : { ledger: [0], health: [0] }),
  );
  assert.deepEqual(
    acts.map(([, said]) => said),
    ["blind", "sighted"],
  );
});

test("a breach that somebody else decides about fires once, and again only after it was over", () => {
  const seen = (second: number, value: number) => ({ at: after(second), steps: { ledger: [value], health: [0] } });
  const fired = lookAtLive(watch, span, armedState(liveAt), seen(60, 3));
  assert.deepEqual(fired.acts.map(sayAct), ["roll-back ledger"]);
  let state: WatchState = { ...fired.state, phase: "alerting", told: ["ledger"] };
  const said = [3, 3, 0, 3].flatMap((value, look) => {
    const looked = lookAtLive(watch, span, state, seen(62 + 2 * look, value));
    state = looked.state;
    return looked.acts.map(sayAct);
  });
  assert.deepEqual(said, ["calm ledger", "roll-back ledger"]);
});

test("a version that is not ready at three looks in a row takes it back; at two it does not", () => {
  const at = (bad: (second: number) => boolean) =>
    played(
      () => 0.4,
      300,
      (second) => ({ ledger: [0], health: [bad(second) ? 1 : 0] }),
    );
  assert.deepEqual(
    at((second) => second === 100 || second === 105),
    [],
  );
  assert.deepEqual(
    at((second) => second >= 100),
    [[110, "roll-back health"]],
  );
});

test("minutes of before it was live, and minutes with too few requests, say nothing", () => {
  const series = seriesOf(() => 5, 200);
  assert.deepEqual(minutesOf(series, errors, { liveSecond: 150, until: 200 }), []);
  assert.equal(minutesOf(series, errors, { liveSecond: 20, until: 200 }).length, 3);
  assert.deepEqual(minutesOf(series, { of: 2, minRequests: 10_000 }, { liveSecond: 0, until: 200 }), [null, null]);
  assert.deepEqual(minutesOf(null, { of: 1, minRequests: 0 }, { liveSecond: 0, until: 200 }), [null]);
});

test("the 95th percentile of a minute is that of its requests, not a mean over its seconds", () => {
  // One request a second, every tenth of them slow: each second knows one of the two.
  const seconds = Array.from({ length: 60 }, (_, second) => {
    const latency = second % 10 === 0 ? [0, 1] : [1, 0];
    return { second, requests: 1, errors: 0, latency };
  });
  const counts = { seconds, boundsMs: [50, 2000] };
  assert.deepEqual(latencyMinutesOf(counts, { of: 1, minRequests: 20 }, { liveSecond: 0, until: 60 }), [2000]);
  assert.deepEqual(latencyMinutesOf(counts, { of: 2, minRequests: 61 }, { liveSecond: -60, until: 60 }), [null, null]);
});

test("what nobody knows never makes a breach, and is quiet only when no unknown step could change that", () => {
  const step = fc.option(fc.double({ min: 0, max: 4, noNaN: true }), { nil: null });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 5 }), (steps) => {
      const full: Steps = [...Array.from({ length: 5 - steps.length }, () => null), ...steps];
      const standing = standingOf(errors, steps);
      const as = (value: number): string =>
        standingOf(
          errors,
          full.map((one) => one ?? value),
        );
      assert.equal(standing === "breached", as(0) === "breached");
      assert.equal(standing === "quiet", as(9) === "quiet");
    }),
  );
});

test("looks after the end, and looks that are repeated, do nothing", () => {
  const state = { ...armedState(liveAt), phase: "fired" } as const;
  const seen = { at: after(60), steps: { ledger: [9] } };
  assert.deepEqual(lookAtLive(watch, span, state, seen), { state, acts: [] });
  const over = lookAtLive(watch, span, armedState(liveAt), { at: span.watchedUntil, steps: { health: [0] } });
  assert.deepEqual([over.state.phase, over.acts.at(-1)], ["over", { kind: "over" }]);
});

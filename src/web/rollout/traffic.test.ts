import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { endLabels, frameOf, pathOf, placedMarks, timeTicks } from "#web/rollout/axis.ts";
import {
  countText,
  errorRateLines,
  latencyLines,
  maxTableRows,
  msText,
  onProductClock,
  percentText,
  tableRows,
  tickText,
  totalsOf,
  type TrafficSeries,
} from "#web/rollout/traffic.ts";

type Sample = TrafficSeries["samples"][number];
const start = 1_795_000_000;

function series(samples: readonly Sample[], control: string | null = "1.0.0"): TrafficSeries {
  return { deployment: "dep_1", control, canary: "1.1.0", samples: [...samples] };
}

function seconds(count: number, of: (index: number) => Partial<Sample>): Sample[] {
  return Array.from({ length: count }, (_, index) => ({
    second: start + index,
    arm: "canary" as const,
    requests: 10,
    errors: 0,
    p95Ms: 20,
    ...of(index),
  }));
}

test("A point says what happened over the look-back, and the line is broken where nothing was counted", () => {
  const samples = seconds(40, (index) => ({
    errors: index === 10 ? 5 : 0,
    requests: index >= 20 ? 0 : 10,
    p95Ms: null,
  }));
  const [, canary] = errorRateLines(series(samples));
  assert.equal(canary?.points[10]?.value, 0.05);
  assert.equal(canary?.points[20]?.value, 0);
  assert.equal(canary?.points[35]?.value, null);
});

test("A latency counts by its requests", () => {
  const [, canary] = latencyLines(series(seconds(10, (index) => (index === 9 ? { requests: 90, p95Ms: 100 } : {}))));
  assert.equal(canary?.points[9]?.value, (90 * 100 + 90 * 20) / 180);
});

test("Samples move by the shift of the clock, and by the first share of the timeline when the clock was set since", () => {
  const given = series(seconds(3, () => ({})));
  const firstOf = (shiftMs: number, firstShift: string | null) =>
    onProductClock(given, shiftMs, firstShift).samples[0]?.second;
  const inOneHour = Temporal.Instant.fromEpochMilliseconds((start + 3600) * 1000);
  assert.equal(firstOf(0, null), start);
  assert.equal(firstOf(3_600_000, inOneHour.subtract({ seconds: 2 }).toString()), start + 3600);
  assert.equal(firstOf(86_400_000, inOneHour.toString()), start + 3600);
  assert.deepEqual(onProductClock(series([]), 5000, null).samples, []);
});

test("Without a former version there is one line", () => {
  assert.deepEqual(
    errorRateLines(
      series(
        seconds(3, () => ({})),
        null,
      ),
    ).map((one) => one.arm),
    ["canary"],
  );
});

test("Totals and table rows count every request once, whatever the span", () => {
  const sample = fc.record({
    second: fc.integer({ min: start, max: start + 5000 }),
    arm: fc.constantFrom("control" as const, "canary" as const),
    requests: fc.nat(100),
    errors: fc.nat(10),
    p95Ms: fc.option(fc.nat(500), { nil: null }),
  });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 60 }), (samples) => {
      const given = series(samples);
      const { rows } = tableRows(given);
      const all = samples.reduce((total, one) => total + one.requests, 0);
      assert.equal(
        totalsOf(given).reduce((total, one) => total + one.requests, 0),
        all,
      );
      assert.equal(
        rows.flatMap((row) => row.values).reduce((total, one) => total + one.requests, 0),
        all,
      );
      assert.ok(rows.length <= maxTableRows);
    }),
  );
});

test("An axis starts at zero, has round times of the viewer's zone, and labels that do not cover each other", () => {
  const lines = errorRateLines(series([...seconds(120, () => ({})), ...seconds(120, () => ({ arm: "control" }))]));
  const frame = frameOf(lines, { width: 600, height: 190 }, 0.01);
  assert.equal(frame.y.domain()[0], 0);
  assert.ok((frame.y.domain()[1] ?? 0) >= 0.01);
  const labels = timeTicks(frame, "Asia/Kolkata").map(({ label }) => label);
  assert.ok(labels.length >= 3 && labels.every((label) => /:[0-5][05](:[0-5][05])?$/.test(label)), labels.join(" "));
  const [upper, lower] = endLabels(lines, frame);
  assert.ok(upper !== undefined && lower !== undefined && lower.labelY - upper.labelY >= 15);
  assert.ok(lower.labelY <= 190);
});

test("A path is broken and not drawn to zero where there is no value", () => {
  const lines = errorRateLines(series(seconds(60, (index) => ({ requests: index > 20 && index < 45 ? 0 : 10 }))));
  const frame = frameOf(lines, { width: 600, height: 190 }, 0.01);
  const canary = lines.find((one) => one.arm === "canary");
  assert.ok(canary);
  assert.equal(pathOf(canary, frame).match(/M/g)?.length, 2);
});

test("An empty series has axes and no lines", () => {
  const lines = errorRateLines(series([]));
  const frame = frameOf(lines, { width: 600, height: 190 }, 0.01);
  assert.equal(
    lines.every((one) => pathOf(one, frame) === ""),
    true,
  );
  assert.deepEqual(endLabels(lines, frame), []);
});

test("Figures are short and keep two digits that mean something", () => {
  assert.deepEqual([0.0042, 0.042, 0.42, null].map(percentText), ["0.42 %", "4.2 %", "42 %", "–"]);
  assert.deepEqual([msText(7.25), msText(234.4), msText(null)], ["7.3 ms", "234 ms", "–"]);
  assert.equal(countText(1234567), "1,234,567");
  assert.deepEqual([0, 0.002, 0.01, 0.012, 0.6].map(tickText), ["0 %", "0.2 %", "1 %", "1.2 %", "60 %"]);
});

test("A mark outside the time of the chart is left out, one just before it stands at its edge, and of two that are close the first keeps its label", () => {
  const lines = errorRateLines(series(seconds(600, () => ({}))));
  const frame = frameOf(lines, { width: 600, height: 190 }, 0.01);
  const at = (second: number) => Temporal.Instant.fromEpochMilliseconds(second * 1000).toString();
  const marks = [
    { at: at(start - 8), label: "0 %" },
    { at: at(start - 2), label: "1 %" },
    { at: at(start + 100), label: "5 %" },
    { at: at(start + 102), label: "25 %" },
    { at: at(start + 300), label: "50 %" },
  ];
  assert.deepEqual(
    placedMarks(marks, frame).map(({ label }) => label),
    ["1 %", "5 %", "", "50 %"],
  );
  assert.equal(placedMarks(marks, frame)[0]?.x, frame.x(start));
});

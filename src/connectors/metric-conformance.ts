import assert from "node:assert/strict";
import { test } from "node:test";
import type { Failure, MetricQuestion, MetricSource } from "#connectors/port.ts";
import { checkedAnswer, newestSecond, type MetricAnswer } from "#core/criteria/series.ts";
import type { Result } from "#core/result.ts";

/** A source made ready for the suite: one series of the version 1.1.0 in a span that has passed. */
export interface MetricBench {
  readonly source: MetricSource;
  /** About the series; every second of the span, or so many as the step says, has a value. */
  readonly known: MetricQuestion;
  /** Of the series, when asked about one version. */
  readonly value: number;
  /** A query of the right form about which nobody has sent anything; null: the source knows all that it can be asked. */
  readonly unknown: string | null;
  /** A query that the source cannot read. */
  readonly unreadable: string;
  readonly close: () => Promise<void>;
}

/** Every implementation of `MetricSource` passes this suite. */
export function conformsAsMetricSource(
  title: string,
  open: () => Promise<MetricBench>,
  options: { skip?: string } = {},
): void {
  for (const [name, body] of cases) {
    void test(`${title}: ${name}`, options, async () => {
      const bench = await open();
      try {
        await body(bench);
      } finally {
        await bench.close();
      }
    });
  }
}

function valueOf(result: Result<MetricAnswer, Failure>): MetricAnswer {
  assert.ok(result.ok, result.ok ? "" : `${result.error.code}: ${result.error.message}`);
  return result.value;
}

const cases: readonly (readonly [name: string, body: (bench: MetricBench) => Promise<void>])[] = [
  [
    "a series that is there has its points in order, inside the span, in the unit that was asked for",
    async ({ source, known, value }) => {
      const answer = valueOf(await source.read(known));
      assert.ok(checkedAnswer(answer, known.span.until).ok);
      const [series] = answer.series.filter(({ labels }) => (labels["version"] ?? known.version) === known.version);
      assert.ok(series !== undefined && series.points.length >= 3, JSON.stringify(answer));
      assert.equal(series.unit, known.unit);
      for (const point of series.points) {
        assert.ok(point.atSecond >= known.span.from && point.atSecond < known.span.until, JSON.stringify(point));
        assert.ok(Math.abs(point.value - value) < 1e-6, JSON.stringify(point));
      }
    },
  ],
  [
    "the end of a span is open, and an empty span has no points",
    async ({ source, known }) => {
      const { from } = known.span;
      const none = valueOf(await source.read({ ...known, span: { from, until: from } }));
      assert.equal(none.series.flatMap(({ points }) => points).length, 0);
    },
  ],
  [
    "what nobody has sent is no series, and no failure",
    async ({ source, known, unknown }) => {
      if (unknown === null) return;
      const answer = valueOf(await source.read({ ...known, query: unknown }));
      assert.equal(answer.series.flatMap(({ points }) => points).length, 0);
    },
  ],
  [
    "a query that cannot be read is refused for good, with what to mend",
    async ({ source, known, unreadable }) => {
      const refused = await source.read({ ...known, query: unreadable });
      assert.deepEqual(!refused.ok && [refused.error.code, refused.error.retry], ["bad-query", "never"]);
      assert.ok(!refused.ok && refused.error.message.length > 20);
    },
  ],
  [
    "a source that has gone silent does not say that it knows the present",
    async ({ source, known }) => {
      const late = { from: known.span.from, until: known.span.until + 900 };
      const newest = newestSecond(valueOf(await source.read({ ...known, span: late })));
      assert.ok(newest === null || newest < known.span.until + 60, `newest ${newest}`);
    },
  ],
];

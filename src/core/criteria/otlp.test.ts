import assert from "node:assert/strict";
import { test } from "node:test";
import { patternOf, readLogs, readMetrics } from "#core/criteria/otlp.ts";
import { joinReceived, parseSelector, ratesOf } from "#core/criteria/received-series.ts";

const now = 1_000_000;
const nano = (second: number): string => `${second}000000000`;
const resource = {
  attributes: [
    { key: "service.name", value: { stringValue: "shop" } },
    { key: "deployment.environment.name", value: { stringValue: "prod" } },
    { key: "service.version", value: { stringValue: "1.1.0" } },
  ],
};

test("Gauges, counters, deltas and histograms of an exporter become points with the version as a label", () => {
  const at = { timeUnixNano: nano(now), startTimeUnixNano: nano(now - 10) };
  const metrics = [
    { name: "queue", gauge: { dataPoints: [{ ...at, asInt: "7" }] } },
    { name: "orders", sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...at, asDouble: 120.5 }] } },
    { name: "visits", sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ ...at, asInt: 50 }] } },
    { name: "took", histogram: { aggregationTemporality: 2, dataPoints: [{ ...at, count: "4", sum: 2.5 }] } },
  ];
  const read = readMetrics([{ resource, scopeMetrics: [{ metrics }] }], now);
  assert.deepEqual(
    read.taken.map(({ metric, kind, value, labels }) => [metric, kind, value, labels["version"]]),
    [
      ["queue", "gauge", 7, "1.1.0"],
      ["orders", "counter", 120.5, "1.1.0"],
      ["visits", "rate", 5, "1.1.0"],
      ["took.count", "counter", 4, "1.1.0"],
      ["took.sum", "counter", 2.5, "1.1.0"],
    ],
  );
});

for (const [title, resources, why] of [
  [
    "no place",
    [{ scopeMetrics: [] }, { scopeMetrics: [{ metrics: [{ name: "x", gauge: { dataPoints: [{}] } }] }] }],
    /no service\.name/,
  ],
  [
    "no time",
    [{ resource, scopeMetrics: [{ metrics: [{ name: "x", gauge: { dataPoints: [{ asInt: 1 }] } }] }] }],
    /no time/,
  ],
  [
    "NaN",
    [
      {
        resource,
        scopeMetrics: [
          { metrics: [{ name: "x", gauge: { dataPoints: [{ timeUnixNano: nano(now), asDouble: "NaN" }] } }] },
        ],
      },
    ],
    /no number/,
  ],
  [
    "a time far ahead",
    [
      {
        resource,
        scopeMetrics: [
          { metrics: [{ name: "x", gauge: { dataPoints: [{ timeUnixNano: nano(now + 600), asInt: 1 }] } }] },
        ],
      },
    ],
    /ahead/,
  ],
  [
    "an old time",
    [
      {
        resource,
        scopeMetrics: [{ metrics: [{ name: "x", gauge: { dataPoints: [{ timeUnixNano: nano(100), asInt: 1 }] } }] }],
      },
    ],
    /a day old/,
  ],
] as const) {
  test(`A point with ${title} is rejected, counted and explained`, () => {
    const read = readMetrics(resources, now);
    assert.deepEqual([read.taken, read.rejected], [[], 1]);
    assert.match(read.why ?? "", why);
  });
}

test("Errors are told from other lines, which are signs of life", () => {
  const line = (severityNumber: number, text: string) => ({
    timeUnixNano: nano(now),
    severityNumber,
    body: { stringValue: text },
    attributes: [{ key: "exception.type", value: { stringValue: "TimeoutError" } }],
  });
  const read = readLogs(
    [{ resource, scopeLogs: [{ logRecords: [line(9, "served"), line(17, "no answer of 10.0.0.7")] }] }],
    now,
  );
  assert.deepEqual(
    read.taken.map(({ version, pattern }) => [version, pattern]),
    [
      ["1.1.0", null],
      ["1.1.0", "TimeoutError: no answer of #"],
    ],
  );
});

for (const [a, b] of [
  ["order 4711 of ann@example.org failed", "order 9 of bob@example.org failed"],
  ['cannot read "a secret value" at 0x7f', 'cannot read "another" at 0x11'],
  ["password=hunter2x denied", "password=correct-horse denied"],
  ["Authorization: Bearer abc.def refused", "Authorization: Bearer xyz refused"],
  ["see https://a.example/x?token=1 again", "see http://b.example again"],
] as const) {
  test(`Lines such as "${a}" are of one class, and keep nothing of what varies`, () => {
    assert.equal(patternOf(a), patternOf(b));
    assert.doesNotMatch(patternOf(a), /hunter2x|secret value|abc\.def|ann@|4711|token=1/);
  });
}

for (const line of [
  "db_password=letmein was refused",
  "client_secret: letmein",
  '{"access_token":"letmein"}',
  "Authorization: Basic letmein",
  "psql --password letmein failed",
  "DB_PASSWORD = letmein",
]) {
  test(`Nothing secret is kept of "${line}"`, () => assert.doesNotMatch(patternOf(line), /letmein/));
}

test("What is cut keeps whole characters, which the store can hold", () => {
  const value = { stringValue: `${"a".repeat(199)}\u{1f600}` };
  const point = { timeUnixNano: nano(now), asInt: 1, attributes: [{ key: `${"k".repeat(199)}\u{1f600}`, value }] };
  const { taken } = readMetrics(
    [{ resource, scopeMetrics: [{ metrics: [{ name: "x", gauge: { dataPoints: [point] } }] }] }],
    now,
  );
  const texts = taken.flatMap(({ labels }) => Object.entries(labels).flat());
  assert.ok(texts.length === 4 && texts.every((text) => text.isWellFormed()));
  assert.ok(patternOf(`${"- ".repeat(149)}-\u{1f600}`).isWellFormed());
});

test("Labels that the store has no room for cost their point alone", () => {
  const attributes = Array.from({ length: 20 }, (_, place) => ({
    key: `k${place}`,
    value: { stringValue: "v".repeat(250) },
  }));
  const points = [
    { timeUnixNano: nano(now), asInt: 1, attributes },
    { timeUnixNano: nano(now), asInt: 2 },
  ];
  const read = readMetrics(
    [{ resource, scopeMetrics: [{ metrics: [{ name: "x", gauge: { dataPoints: points } }] }] }],
    now,
  );
  assert.deepEqual([read.taken.map(({ value }) => value), read.rejected], [[2], 1]);
  assert.match(read.why ?? "", /^x has labels that are too long$/);
});

test("A place is found behind as many attributes as a collector adds", () => {
  const added = Array.from({ length: 40 }, (_, place) => ({ key: `host.${place}`, value: { intValue: place } }));
  const crowded = { attributes: [...added, ...resource.attributes] };
  const logRecords = [{ timeUnixNano: nano(now), severityNumber: 9 }];
  assert.deepEqual(
    readLogs([{ resource: crowded, scopeLogs: [{ logRecords }] }], now).taken.map(({ service, version }) => [
      service,
      version,
    ]),
    [["shop", "1.1.0"]],
  );
});

test("A line whose own time is not known has that at which it was seen", () => {
  const logRecords = [{ timeUnixNano: "0", observedTimeUnixNano: nano(now), severityNumber: 9 }];
  assert.deepEqual(
    readLogs([{ resource, scopeLogs: [{ logRecords }] }], now).taken.map(({ second }) => second),
    [now],
  );
});

test("A line of any shape is read in a moment", () => {
  for (const text of [
    "a".repeat(100_000),
    "a.".repeat(50_000),
    "'".repeat(100_000),
    'x" '.repeat(50_000),
    "token".repeat(400),
  ]) {
    assert.ok(patternOf(text).length <= 300);
  }
});

test("A counter that starts anew counts from zero, and instances are summed up whatever their rhythm", () => {
  const counter = [0, 100, 200, 20].map((value, index) => ({ atSecond: index * 10, value }));
  assert.deepEqual(
    ratesOf(counter).map(({ value }) => value),
    [10, 10, 2],
  );
  const instance = (phase: number) => ({
    kind: "counter" as const,
    labels: { version: "1.1.0", pod: String(phase) },
    points: Array.from({ length: 12 }, (_, index) => ({ atSecond: phase + index * 30, value: index * 300 })),
  });
  const selector = parseSelector('orders{version="1.1.0"}');
  assert.ok(selector.ok);
  const asked = { span: { from: 120, until: 300 }, stepSeconds: 15, unit: "/s" };
  const { series } = joinReceived([instance(0), instance(7)], selector.value, asked);
  assert.deepEqual(series[0]?.labels, { version: "1.1.0" });
  assert.deepEqual([...new Set(series[0]?.points.map(({ value }) => value))], [20]);
});

test("A selector that is none is told, with what is wrong", () => {
  assert.deepEqual(parseSelector('orders.created{region="emea",note="a\\"b"}'), {
    ok: true,
    value: { metric: "orders.created", labels: { region: "emea", note: 'a"b' } },
  });
  for (const text of ["", "sum(x)", "orders{region=emea}", 'orders{a="1"']) assert.ok(!parseSelector(text).ok, text);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSources } from "#config/world.ts";

const head = `kind: Watch
metadata: { name: w }
spec:
  scope: {}
  armed: PT30M
  triggers:
`;
const line = head.split("\n").length;

function problemsOf(trigger: string): readonly string[] {
  const { problems } = checkSources([{ path: "f.yaml", text: `${head}    - ${trigger}\n` }]);
  return problems.map((problem) => `${problem.line - line + 1} ${problem.code} ${problem.message}`);
}

for (const [what, trigger] of [
  [
    "Prometheus, with less being worse",
    "{ name: a, kind: metric, source: prometheus, query: sum(x), unit: /s, below: 5 }",
  ],
  [
    "what was sent over OTLP",
    `{ name: a, kind: metric, source: telemetry, query: 'x{version="{version}"}', unit: ms, above: 5, fresh: PT1M, breaches: 2, of: 3 }`,
  ],
  ["logs", "{ name: a, kind: metric, source: logs, query: new-errors, unit: lines/s, above: 0.1 }"],
  ["the proxy, as before", "{ name: a, kind: errors, above: 2 }"],
] as const) {
  test(`A trigger may ask ${what}`, () => assert.deepEqual(problemsOf(trigger), []));
}

for (const [what, trigger, problem] of [
  ["without a limit", "{ name: a, kind: errors }", /^1 contradiction It has no limit\.$/],
  [
    "with two limits",
    "{ name: a, kind: metric, source: prometheus, query: x, unit: s, above: 1, below: 2 }",
    /^1 contradiction It is in breach above and below something\.$/,
  ],
  ["of errors that reads a query", "{ name: a, kind: errors, above: 1, query: x }", /Only metric reads query\./],
  ["of errors with a limit below", "{ name: a, kind: errors, below: 1 }", /Only metric reads below\./],
  ["of a metric without a source", "{ name: a, kind: metric, query: x, unit: s, above: 1 }", /does not say its source/],
  [
    "of a metric that asks the proxy",
    "{ name: a, kind: metric, source: own, query: p95-ms, unit: ms, above: 1 }",
    /^1 \S+ .*prometheus/,
  ],
  [
    "of logs with another query",
    "{ name: a, kind: metric, source: logs, query: errors, unit: s, above: 1 }",
    /Of logs only new classes/,
  ],
  [
    "of telemetry in PromQL",
    "{ name: a, kind: metric, source: telemetry, query: sum(x), unit: s, above: 1 }",
    /is no name of a metric/,
  ],
] as const) {
  test(`A trigger ${what} is refused where it stands`, () => {
    const found = problemsOf(trigger);
    assert.ok(found.length === 1 && problem.test(found[0] ?? ""), found.join("\n"));
  });
}

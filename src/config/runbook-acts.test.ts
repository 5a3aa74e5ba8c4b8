import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSources } from "#config/world.ts";

const head = `kind: Team
metadata: { name: ops }
spec: { unit: it }
---
kind: Service
metadata: { name: cart }
spec: { unit: it, team: ops, tier: 1 }
---
kind: Environment
metadata: { name: prod }
spec: { zone: UTC }
---
kind: Runbook
metadata: { name: move }
spec:
  owner: ops
  within: P1D
  rollback: [{ name: look, timeout: PT1H, humanTask: { who: ops, instruction: Look. } }]
  steps:
`;
const line = head.split("\n").length;
const on = "service: cart, environment: prod, version: 1.1.0";

function problemsOf(steps: string): readonly string[] {
  const { problems } = checkSources([{ path: "f.yaml", text: head + steps.replace(/^/gm, "    ") }]);
  return problems.map((problem) => `${problem.line - line + 1} ${problem.code} ${problem.message}`);
}

test("Steps at targets need no undo where one follows from what they do", () => {
  const steps = `- { name: schema, timeout: PT5M, migrateSchema: { ${on}, database: shop } }
- { name: start, after: [schema], startVersion: { ${on} } }
- { name: check, after: [start], smoke: { ${on} } }
- { name: some, after: [check], shiftTraffic: { ${on}, percent: 12.5 } }
- { name: watch, after: [some], observe: { ${on}, for: PT2M, atMost: PT10M } }
- { name: drain, after: [watch], timeout: PT5M, shell: { service: cart, environment: prod, command: drain, arguments: { queue: a } }, irreversible: It is drained. }`;
  assert.deepEqual(problemsOf(steps), []);
});

for (const [what, steps, problems] of [
  [
    "a command without a word on how it is taken back",
    "- { name: a, timeout: PT5M, shell: { service: cart, environment: prod, command: drain } }",
    [/^1 no-way-back The step "a" changes something and does not say how/],
  ],
  [
    "a command without a time-out",
    "- { name: a, shell: { service: cart, environment: prod, command: drain }, irreversible: X. }",
    [/^1 missing-field Nobody knows how long shell takes/],
  ],
  [
    "an argument that is no value",
    "- { name: a, timeout: PT5M, shell: { service: cart, environment: prod, command: drain, arguments: { q: [a] } }, irreversible: X. }",
    [/^1 /],
  ],
  ["a share beyond the whole", `- { name: a, shiftTraffic: { ${on}, percent: 101 } }`, [/^1 /]],
  [
    "shares that are given back on the way forward",
    `- { name: a, shiftTraffic: { ${on}, percent: 10 } }
- { name: b, after: [a], trafficBack: { step: a }, irreversible: X. }`,
    [/^2 bad-value The step "b" gives shares back on the way forward/],
  ],
  [
    "shares that nobody changed",
    `- { name: a, startVersion: { ${on} }, undo: { trafficBack: { step: c } } }`,
    [/^1 bad-value The step "a" gives back the shares before "c", which is no shiftTraffic of this plan/],
  ],
  [
    "an undo that is judged",
    `- { name: a, stopVersion: { ${on} }, undo: { startVersion: { ${on} } } }`,
    [/^1 bad-value The undo of the step "a" is judged like a release, and may be denied/],
  ],
  [
    "watching beyond its time-out",
    `- { name: a, timeout: PT5M, observe: { ${on}, for: PT1M, atMost: PT10M } }`,
    [/^1 out-of-range The step "a" watches for 600 s at most, and its time-out is 300 s/],
  ],
  [
    "watching longer than it may",
    `- { name: a, observe: { ${on}, for: PT10M, atMost: PT1M } }`,
    [/^1 out-of-range The step "a" watches for 600 s at least and 60 s at most/],
  ],
  [
    "criteria that do not exist",
    `- { name: a, observe: { ${on}, for: PT1M, atMost: PT2M, criteria: [nobody] } }`,
    [/^1 unknown-reference /],
  ],
  [
    "a service that does not exist",
    "- { name: a, smoke: { service: card, environment: prod, version: 1.0.0 } }",
    [/^1 unknown-reference /],
  ],
] as const) {
  test(`A runbook with ${what} is refused, with the place named`, () => {
    const found = problemsOf(steps);
    assert.equal(found.length, problems.length, found.join("\n"));
    for (const [index, problem] of problems.entries()) assert.match(found[index] ?? "", problem);
  });
}

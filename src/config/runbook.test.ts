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
`;
const line = head.split("\n").length;
const back = "rollback: [{ name: look, timeout: PT1H, humanTask: { who: ops, instruction: Look. } }]";

/** Lines count from the first of the spec. */
function found(spec: string): readonly string[] {
  const text = head + spec.replace(/^/gm, "  ");
  return checkSources([{ path: "f.yaml", text }]).problems.map(
    (problem) => `${problem.line - line + 1}:${problem.column} ${problem.code} ${problem.message}`,
  );
}

test("A whole runbook has no problems", () => {
  const spec = `owner: ops
within: P1D
steps:
  - { name: announce, record: It begins. }
  - { name: drain, after: [announce], timeout: PT10M, http: { url: "https://ops.example/drain", body: { pool: a } }, undo: { http: { url: "https://ops.example/fill" } } }
  - { name: ship, after: [drain], timeout: PT2H, subRelease: { service: cart, version: 1.0.0, environment: prod }, undo: { rollBack: { step: ship } } }
  - { name: sign, after: [ship], timeout: PT2H, humanTask: { who: ops, instruction: Sign., form: [{ name: ok, label: All well, type: yes-no }] } }
  - { name: settle, after: [sign], soak: PT15M }
${back}`;
  assert.deepEqual(found(spec), []);
});

for (const [what, spec, problems] of [
  [
    "steps that wait for each other",
    `owner: ops
within: P1D
steps:
  - { name: a, after: [b], record: A. }
  - { name: b, after: [a], record: B. }
${back}`,
    [/^4:25 step-cycle These steps wait for each other: a after b after a\.$/],
  ],
  [
    "a step that does not exist",
    `owner: ops
within: P1D
steps:
  - { name: a, after: [x], record: A. }
${back}`,
    [/^4:25 unknown-reference The step "a" comes after "x", which is no step of this part\.$/],
  ],
  [
    "two steps of one name",
    `owner: ops
within: P1D
steps:
  - { name: a, record: A. }
  - { name: a, record: A. }
${back}`,
    [/^5:15 duplicate-name Two steps are called "a"\.$/],
  ],
  [
    "a kind of step that there is not",
    `owner: ops
within: P1D
steps:
  - { name: a, telepathy: rm }
${back}`,
    [/^4:7 missing-field A step says nothing/, /^4:18 unknown-field .*has no field "telepathy"/],
  ],
  [
    "a step that does two things",
    `owner: ops
within: P1D
steps:
  - { name: a, record: A., soak: PT1M }
${back}`,
    [/^4:7 contradiction A step does one thing, not soak and record\.$/],
  ],
  [
    "an effect without a way back",
    `owner: ops
within: P1D
steps:
  - { name: a, http: { url: "https://ops.example/" } }
${back}`,
    [/no-way-back The step "a" changes something and does not say how that is taken back\.$/],
  ],
  [
    "no rollback part",
    `owner: ops
within: P1D
steps:
  - { name: a, record: A. }`,
    [/no-way-back There is no way back/],
  ],
  [
    "time-outs that do not fit into the whole",
    `owner: ops
within: PT2H
steps:
  - { name: a, timeout: PT1H, humanTask: { who: ops, instruction: A. } }
  - { name: b, after: [a], timeout: PT30M, humanTask: { who: ops, instruction: B. } }
${back}`,
    [/^2:11 out-of-range Its time-outs add up to 9000 s along a, b, look, way back included; the plan has 7200 s\.$/],
  ],
  [
    "a wait for somebody without a time-out",
    `owner: ops
within: PT2H
steps:
  - { name: a, humanTask: { who: ops, instruction: A. } }
${back}`,
    [/^4:7 missing-field Nobody knows how long humanTask takes/],
  ],
  [
    "a release that is taken back on the way forward",
    `owner: ops
within: P1D
steps:
  - { name: ship, timeout: PT2H, subRelease: { service: cart, version: 1.0.0, environment: prod }, irreversible: It is small. }
  - { name: a, timeout: PT1H, rollBack: { step: ship }, irreversible: So. }
${back}`,
    [/bad-value The step "a" takes a release back on the way forward\.$/],
  ],
  [
    "a release of a service that does not exist",
    `owner: ops
within: P1D
steps:
  - { name: ship, timeout: PT2H, subRelease: { service: care, version: 1.0.0, environment: prod }, irreversible: It is small. }
${back}`,
    [/^4:59 unknown-reference .*care/],
  ],
  [
    "an undo beside a reason why there is none",
    `owner: ops
within: P1D
steps:
  - { name: a, record: A., undo: { record: B. }, irreversible: So. }
${back}`,
    [/contradiction A step is taken back or irreversible, not both\.$/],
  ],
] as const) {
  test(`A runbook with ${what} is refused, with the place`, () => {
    const told = found(spec);
    assert.equal(told.length, problems.length, told.join("\n"));
    for (const [index, problem] of problems.entries()) assert.match(told[index] ?? "", problem);
  });
}

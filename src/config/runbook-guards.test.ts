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
kind: Resource
metadata: { name: cluster }
spec: { owner: ops, capacity: 2 }
---
kind: Runbook
metadata: { name: move }
spec:
  owner: ops
  within: P1D
  steps:
`;
const line = head.split("\n").length;
const back = "  rollback: [{ name: look, timeout: PT1H, humanTask: { who: ops, instruction: Look. } }]";

/** Lines count from the first step. */
function found(...steps: readonly string[]): readonly string[] {
  const text = `${head}${steps.map((step) => `    - { ${step} }\n`).join("")}${back}\n`;
  return checkSources([{ path: "f.yaml", text }]).problems.map(
    (problem) => `${problem.line - line + 1} ${problem.code} ${problem.message}`,
  );
}

test("Steps that guard a run have no problems where they name what there is", () => {
  const steps = [
    "name: tell, notify: { to: [ops], onCall: [ops], text: It begins. }",
    "name: consent, after: [tell], timeout: PT2H, approve: { roles: [approver], teams: [ops], approvals: 2, instruction: Look., signature: true }",
    "name: check, after: [consent], preflight: { targets: [{ service: cart, environment: prod }], reports: [{ name: backup, service: cart, environment: prod, source: nightly, within: P1D }] }",
    "name: window, after: [check], timeout: PT2H, waitForWindow: { environment: prod, services: [{ service: cart }], action: migrate, needs: PT1H }",
    "name: keep, after: [window], timeout: PT1H, lock: { resources: [{ resource: cluster }] }",
    "name: sign, after: [keep], timeout: PT1H, contacts: [ops], humanTask: { who: ops, instruction: Sign., signature: true, attachments: required }",
  ];
  assert.deepEqual(found(...steps), []);
});

for (const [what, step, pattern] of [
  [
    "a window for a version that is not named",
    "name: a, timeout: PT1H, waitForWindow: { environment: prod, services: [{ service: cart }] }",
    /^1 missing-field .*deploy cart brings a version, and none is named/,
  ],
  [
    "a window of a service that there is not",
    "name: a, timeout: PT1H, waitForWindow: { environment: prod, services: [{ service: care, version: 1.0.0 }] }",
    /^1 unknown-reference .*care/,
  ],
  [
    "a window without a time-out",
    "name: a, waitForWindow: { environment: prod, services: [{ service: cart, version: 1.0.0 }] }",
    /^1 missing-field Nobody knows how long waitForWindow takes/,
  ],
  [
    "consent that nobody may give",
    "name: a, timeout: PT1H, approve: { instruction: Look. }",
    /^1 no-approver .*names neither roles nor teams/,
  ],
  [
    "consent of a team that there is not",
    "name: a, timeout: PT1H, approve: { teams: [opps], instruction: Look. }",
    /^1 unknown-reference .*opps/,
  ],
  ["a lock of nothing", "name: a, timeout: PT1H, lock: {}", /^1 contradiction .*names nothing that it keeps/],
  [
    "a lock of two sorts",
    "name: a, timeout: PT1H, lock: { environments: [prod], resources: [{ resource: cluster }] }",
    /^1 contradiction .*not both/,
  ],
  ["a message to nobody", "name: a, notify: { text: Hello. }", /^1 missing-field .*names nobody/],
  ["an empty checklist", "name: a, preflight: {}", /^1 missing-field .*checklist is empty/],
  [
    "items that nobody answers for",
    "name: a, preflight: { items: [{ name: desk, ask: They know. }] }",
    /^1 missing-field .*items need somebody/,
  ],
  ["contacts of a team that there is not", "name: a, record: A., contacts: [opps]", /^1 unknown-reference .*opps/],
  [
    "an undo that waits for consent",
    "name: a, record: A., undo: { approve: { teams: [ops], instruction: Look. } }",
    /^1 bad-value The step "a" would hold up the way back\.$/,
  ],
] as const) {
  test(`A runbook with ${what} is refused, with the place`, () => {
    const problems = found(step);
    assert.ok(
      problems.some((problem) => pattern.test(problem)),
      JSON.stringify(problems),
    );
  });
}

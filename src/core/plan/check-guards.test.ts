import assert from "node:assert/strict";
import { test } from "node:test";
import { guardProblems } from "#core/plan/check-guards.ts";
import type { StepAction } from "#core/plan/action.ts";
import type { Plan, PlanStep } from "#core/plan/plan.ts";

const record: StepAction = { kind: "record", text: "It is so." };
const keep: StepAction = { kind: "lock", environments: ["prod"], resources: [] };
const release: StepAction = {
  kind: "sub-release",
  service: "a",
  version: "1",
  environment: "prod",
  class: "normal",
};
const act = (environment: string): StepAction => ({
  kind: "shell",
  command: "drain",
  arguments: {},
  service: "a",
  environment,
  change: "config",
});
const uses = [{ resource: "cluster", units: 1 }];

const step = (name: string, action: StepAction, more: Partial<PlanStep> = {}): PlanStep => ({
  name,
  after: [],
  action,
  timeoutSeconds: 60,
  attempts: 1,
  compensation: { kind: "none-needed" },
  uses: [],
  ...more,
});
const plan = (steps: readonly PlanStep[], rollback: readonly PlanStep[] = []): Plan => ({
  steps,
  rollback,
  parallel: 5,
  withinSeconds: 3600,
});

for (const [title, made, found] of [
  ["one lock with work behind it", plan([step("keep", keep), step("work", record, { after: ["keep"] })]), []],
  [
    "what is shared, used before the lock",
    plan([step("use", record, { uses }), step("keep", keep, { after: ["use"] })]),
    [],
  ],
  [
    "what is shared, waited for behind a lock",
    plan([step("keep", keep), step("use", record, { after: ["keep"], uses })]),
    ["steps 1"],
  ],
  ["what is shared, waited for beside a lock", plan([step("keep", keep), step("use", record, { uses })]), ["steps 1"]],
  [
    "what is shared, whose undo would wait for it again",
    plan([
      step("use", record, { uses, compensation: { kind: "undo", action: record } }),
      step("keep", keep, { after: ["use"] }),
    ]),
    ["steps 0"],
  ],
  [
    "what is shared, waited for on the way back",
    plan([step("keep", keep)], [step("use", record, { uses })]),
    ["rollback 0"],
  ],
  ["two locks", plan([step("keep", keep), step("more", keep, { after: ["keep"] })]), ["steps 1"]],
  [
    "a release into the environment that the run keeps",
    plan([step("ship", release), step("keep", keep, { after: ["ship"] })]),
    ["steps 0"],
  ],
  ["a release and an act in different environments", plan([step("ship", release), step("drain", act("staging"))]), []],
  [
    "a release into an environment where another step acts",
    plan([step("ship", release), step("drain", act("prod"), { after: ["ship"] })]),
    ["steps 0"],
  ],
  [
    "a release into an environment where an undo acts",
    plan([step("ship", release), step("work", record, { compensation: { kind: "undo", action: act("prod") } })]),
    ["steps 0"],
  ],
  ["a lock on the way back", plan([step("work", record)], [step("keep", keep)]), ["rollback 0"]],
  [
    "an undo that waits for a window",
    plan([
      step("work", record, {
        compensation: {
          kind: "undo",
          action: { kind: "approve", roles: [], teams: ["a"], approvals: 1, instruction: "Look.", signature: false },
        },
      }),
    ]),
    ["steps 0"],
  ],
] as const) {
  test(`${title}: ${found.length === 0 ? "nothing is wrong" : "it is refused with its place"}`, () => {
    const problems = guardProblems(made);
    assert.deepEqual(
      problems.map(({ part, index }) => `${part} ${index}`),
      found,
    );
    for (const { message, remedy } of problems) assert.match(`${message} ${remedy}`, /^The .*\. .*\.$/);
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { nextOf } from "#core/plan/advance.ts";
import { askedBy, heldSteps, protectedSteps, servicesOf } from "#core/plan/oversight.ts";
import type { Plan, PlanStep } from "#core/plan/plan.ts";
import { columnsOf } from "#core/plan/timing.ts";

const step = (name: string, action: PlanStep["action"], after: readonly string[] = []): PlanStep => ({
  name,
  after,
  action,
  timeoutSeconds: 60,
  attempts: 1,
  compensation: { kind: "none-needed" },
  uses: [],
});
const task = { kind: "human-task", who: "compliance", instruction: "Look.", form: [], whenLate: "failed" } as const;
const release = { kind: "sub-release", service: "a", version: "1", environment: "prod", class: "normal" } as const;
const plan: Plan = {
  steps: [
    step("ask", task),
    { ...step("ship", release, ["ask"]), compensation: { kind: "undo", action: { kind: "roll-back", step: "ship" } } },
    step("note", { kind: "record", text: "So." }, ["ask"]),
    step("last", { kind: "record", text: "Done." }, ["ship", "note"]),
  ],
  rollback: [step("look", { ...task, who: "checkout" })],
  parallel: 1,
  withinSeconds: 3600,
};
const since = Temporal.Instant.from("2026-11-02T12:00:00Z");

test("Protected are the steps of the way forward that change something outside", () => {
  assert.deepEqual(protectedSteps(plan), ["ship"]);
  assert.deepEqual([...heldSteps(plan, { asked: "compliance", present: null })], ["ship"]);
  assert.equal(heldSteps(plan, { asked: "compliance", present: { person: "eve", since } }).size, 0);
  assert.equal(heldSteps(plan, null).size, 0);
});

test("A step that is held keeps nobody else from beginning, and the run does not end without it", () => {
  const ask = { part: "forward", name: "ask", state: "done" } as const;
  const held = new Set(["ship"]);
  assert.deepEqual(nextOf(plan, [ask], false, held).start, [{ part: "forward", name: "note" }]);
  const note = { part: "forward", name: "note", state: "done" } as const;
  assert.deepEqual(nextOf(plan, [ask, note], false, held), { start: [], cancel: [], end: null });
  assert.deepEqual(nextOf(plan, [ask, note], false).start, [{ part: "forward", name: "ship" }]);
});

test("What a plan deploys and whom it asks is told from its steps", () => {
  assert.deepEqual(servicesOf(plan), ["a"]);
  assert.deepEqual(Object.fromEntries(askedBy(plan)), { "forward/ask": "compliance", "rollback/look": "checkout" });
  const consent = { kind: "approve", approvals: 1, instruction: "Look.", signature: false } as const;
  const checklist = { kind: "preflight", targets: [], reports: [], items: [] } as const;
  const steps = [
    step("consent", { ...consent, roles: ["approver"], teams: ["checkout"] }),
    step("check", { ...checklist, who: "ops" }),
    step("bare", { ...checklist, who: null }),
  ];
  assert.deepEqual(Object.fromEntries(askedBy({ ...plan, steps })), {
    "forward/consent": ["approver", "checkout"],
    "forward/check": "ops",
    "rollback/look": "checkout",
  });
});

test("A step stands in the first column behind all that it needs", () => {
  assert.deepEqual(Object.fromEntries(columnsOf(plan.steps)), { ask: 0, ship: 1, note: 1, last: 2 });
  assert.deepEqual(Object.fromEntries(columnsOf([])), {});
});

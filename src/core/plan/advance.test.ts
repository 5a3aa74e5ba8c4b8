import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { nextOf, type RunEnd, type StepMark, type StepState } from "#core/plan/advance.ts";
import type { Part, Plan, PlanStep } from "#core/plan/plan.ts";
import { stepsOf } from "#core/plan/plan.ts";
import type { StepAction } from "#core/plan/action.ts";

const call: StepAction = { kind: "http", url: "https://ops.example/x", body: {} };

function aStep(name: string, after: readonly string[] = [], more: Partial<PlanStep> = {}): PlanStep {
  const compensation = { kind: "undo", action: call } as const;
  return { name, after, action: call, timeoutSeconds: 60, attempts: 3, compensation, uses: [], ...more };
}

function aPlan(steps: readonly PlanStep[], more: Partial<Plan> = {}): Plan {
  return { steps, rollback: [aStep("look")], parallel: 5, withinSeconds: 3600, ...more };
}

function marksOf(text: string): readonly StepMark[] {
  const states = new Map<string, StepState>([
    ["d", "done"],
    ["f", "failed"],
    ["r", "running"],
    ["s", "skipped"],
    ["c", "cancelled"],
    ["x", "refused"],
    ["q", "queued"],
  ]);
  const parts: Readonly<Record<string, Part>> = { u: "undo", b: "rollback" };
  return text.split(" ").flatMap((item): readonly StepMark[] => {
    const [where, letter] = item.split("=");
    if (where === undefined || letter === undefined) return [];
    const [part, name] = where.includes(":") ? where.split(":") : ["", where];
    const state = states.get(letter);
    return state === undefined ? [] : [{ part: parts[part ?? ""] ?? "forward", name: name ?? "", state }];
  });
}

function says(plan: Plan, marks: string, isAborted = false): string {
  const { start, cancel, end } = nextOf(plan, marksOf(marks), isAborted);
  const names = start.map(({ part, name }) => (part === "forward" ? name : `${part}:${name}`));
  return [...names, ...cancel.map(({ name }) => `cancel ${name}`), ...(end === null ? [] : [end])].join(" ");
}

const diamond = aPlan([aStep("a"), aStep("b", ["a"]), aStep("c", ["a"]), aStep("d", ["b", "c"])]);

for (const [what, plan, marks, isAborted, expected] of [
  ["begins with what needs nothing", diamond, "", false, "a"],
  ["goes on at the same time where it can", diamond, "a=d", false, "b c"],
  ["waits for all that a step needs", diamond, "a=d b=d c=r", false, ""],
  ["takes a skipped step for one that is over", diamond, "a=d b=s c=d", false, "d"],
  ["ends when everything is done", diamond, "a=d b=d c=d d=d", false, "succeeded"],
  ["starts no more than its limit", aPlan([aStep("a"), aStep("b"), aStep("c")], { parallel: 2 }), "a=r", false, "b"],
  ["begins nothing when a step has failed, and ends what is under way", diamond, "a=d b=f c=r", false, "cancel c"],
  ["undoes the last first", diamond, "a=d b=d c=d d=f", false, "undo:d"],
  ["undoes what is free of others at the same time", diamond, "a=d b=d c=d d=f u:d=d", false, "undo:b undo:c"],
  ["undoes the first last", diamond, "a=d b=d c=d d=f u:d=d u:b=d u:c=d", false, "undo:a"],
  ["goes on with the rollback part", aPlan([aStep("a")]), "a=f u:a=d", false, "rollback:look"],
  ["ends as rolled back behind it", aPlan([aStep("a")]), "a=f u:a=d b:look=d", false, "rolled-back"],
  ["has no way back for what was refused before it touched anything", diamond, "a=x", false, "failed"],
  ["undoes the others when one was refused", diamond, "a=d b=x c=d", false, "undo:c"],
  [
    "lets others go while one waits for what is shared",
    aPlan([aStep("a"), aStep("b")], { parallel: 1 }),
    "a=q",
    false,
    "b",
  ],
  ["cancels what waits when it turns back", diamond, "a=q", true, "cancel a"],
  ["asks for a person when an undo fails", aPlan([aStep("a")]), "a=f u:a=f", false, "needs-human"],
  ["asks for a person when the rollback fails", aPlan([aStep("a")]), "a=f u:a=d b:look=f", false, "needs-human"],
  ["aborts without a way back before anything has begun", diamond, "", true, "aborted"],
  ["cancels what is under way when it is aborted", diamond, "a=r", true, "cancel a"],
  ["undoes what may have had its effect although it was cancelled", diamond, "a=c", true, "undo:a"],
  ["ends as aborted behind the way back", aPlan([aStep("a")]), "a=d u:a=d b:look=d", true, "aborted"],
] as const) {
  test(`A run ${what}`, () => {
    assert.equal(says(plan, marks, isAborted), expected);
  });
}

test("A run in which nothing can have changed fails without a way back", () => {
  const task = { kind: "human-task", who: "ann", instruction: "Sign.", form: [] } as const;
  const action: StepAction = { ...task, whenLate: "failed" };
  const none = { kind: "none-needed" } as const;
  const plan = aPlan([aStep("sign", [], { action, compensation: none }), aStep("go", ["sign"])]);
  assert.equal(says(plan, "sign=f"), "failed");
  assert.equal(says(plan, "sign=d", true), "rollback:look", "what a person has done is not known to be nothing");
});

test("An undo waits for the undo of a step that needed it through one that has none", () => {
  const none = { kind: "irreversible", reason: "a letter is a letter" } as const;
  const plan = aPlan([aStep("a"), aStep("b", ["a"], { compensation: none }), aStep("c", ["b"])]);
  assert.equal(says(plan, "a=d b=d c=f"), "undo:c");
  assert.equal(says(plan, "a=d b=d c=f u:c=d"), "undo:a");
});

/** Steps that come only after earlier ones, so there is no cycle. */
const plans = fc
  .array(fc.record({ needs: fc.array(fc.nat(), { maxLength: 3 }), undo: fc.boolean() }), { minLength: 1, maxLength: 8 })
  .chain((drafts) =>
    fc.record({
      drafts: fc.constant(drafts),
      parallel: fc.integer({ min: 1, max: 4 }),
      seed: fc.infiniteStream(fc.nat()),
    }),
  )
  .map(({ drafts, parallel, seed }) => {
    const steps = drafts.map(({ needs, undo }, index) => {
      const after = index === 0 ? [] : [...new Set(needs.map((need) => `s${need % index}`))];
      const compensation = undo
        ? ({ kind: "undo", action: call } as const)
        : ({ kind: "irreversible", reason: "so" } as const);
      return aStep(`s${index}`, after, { compensation });
    });
    return { plan: aPlan(steps, { parallel }), seed };
  });

/** Plays a run to its end; `seed` decides what becomes of each step, and whether somebody aborts. */
function play(
  plan: Plan,
  seed: IterableIterator<number>,
): { readonly end: RunEnd; readonly marks: readonly StepMark[] } {
  const marks: StepMark[] = [];
  let isAborted = false;
  const draw = (): number => seed.next().value ?? 0;
  for (let turn = 0; turn < 200; turn++) {
    const next = nextOf(plan, marks, isAborted);
    assert.deepEqual(nextOf(plan, marks, isAborted), next, "the same record gives the same moves");
    if (next.end !== null) return { end: next.end, marks };
    for (const { part, name } of next.cancel) settle(marks, part, name, "cancelled");
    for (const { part, name } of next.start) marks.push({ part, name, state: "running" });
    const running = marks.filter(({ state }) => state === "running");
    assert.ok(running.length <= plan.parallel, "never more than the limit");
    const one = running[draw() % Math.max(1, running.length)];
    if (one !== undefined) settle(marks, one.part, one.name, draw() % 5 === 0 ? "failed" : "done");
    isAborted ||= draw() % 20 === 0;
  }
  throw new Error("the run came to no end");
}

function settle(marks: StepMark[], part: Part, name: string, state: StepMark["state"]): void {
  const index = marks.findIndex((mark) => mark.part === part && mark.name === name);
  marks[index] = { part, name, state };
}

test("Every run comes to an end; needs come first, and what was done is undone once, in the other order", () => {
  fc.assert(
    fc.property(plans, ({ plan, seed }) => {
      const { end, marks } = play(plan, seed[Symbol.iterator]());
      const order = (part: Part): readonly string[] =>
        marks.filter((mark) => mark.part === part).map(({ name }) => name);
      for (const part of ["forward", "undo", "rollback"] as const) {
        const begun = order(part);
        assert.equal(new Set(begun).size, begun.length, "a step begins once");
        for (const step of stepsOf(plan, part)) {
          if (!begun.includes(step.name)) continue;
          for (const need of step.after.filter((name) => begun.includes(name)))
            assert.ok(begun.indexOf(need) < begun.indexOf(step.name), `${need} before ${step.name}`);
        }
      }
      if (end === "succeeded")
        assert.deepEqual([...order("forward")].sort(), plan.steps.map(({ name }) => name).sort());
      if (end === "rolled-back") {
        const owed = plan.steps.filter(
          ({ name, compensation }) => order("forward").includes(name) && compensation.kind === "undo",
        );
        assert.deepEqual([...order("undo")].sort(), owed.map(({ name }) => name).sort());
      }
    }),
    { numRuns: 300 },
  );
});

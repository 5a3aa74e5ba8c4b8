import { isTargetAction } from "#core/plan/act.ts";
import type { StepAction } from "#core/plan/action.ts";
import type { PlanProblem } from "#core/plan/check.ts";
import { holdsUp, type Lock } from "#core/plan/guard.ts";
import { behind, type Plan, type PlanStep } from "#core/plan/plan.ts";

type Part = PlanProblem["part"] & ("steps" | "rollback");

/** What is wrong with steps that guard others. */
export function guardProblems(plan: Plan): readonly PlanProblem[] {
  return (["steps", "rollback"] as const).flatMap((part) =>
    plan[part].flatMap((step, index) => [
      ...onTheWayBack(part, index, step),
      ...besideLock(plan, part, index, step),
      ...besideActs(plan, part, index, step),
    ]),
  );
}

/** Whoever goes back waits for no window and for nobody's consent; a person who has to look is a task. */
function onTheWayBack(part: Part, index: number, { action, compensation, name }: PlanStep): readonly PlanProblem[] {
  const isUndo = compensation.kind === "undo" && holdsUp(compensation.action);
  if (!isUndo && !(part === "rollback" && holdsUp(action))) return [];
  return [
    {
      part,
      index,
      field: isUndo ? "undo" : null,
      code: "bad-value",
      message: `The step "${name}" would hold up the way back.`,
      remedy: "Ask for it on the way forward; on the way back a humanTask can look.",
    },
  ];
}

/**
 * A lock is held to the end of the run. Whoever holds one and waits for something else could wait for somebody who waits
 * for the lock, so what is shared is used up before it, or taken with it.
 */
function besideLock(plan: Plan, part: Part, index: number, step: PlanStep): readonly PlanProblem[] {
  const found = plan.steps.find((one) => one.action.kind === "lock" && one !== step);
  if (found?.action.kind !== "lock") return [];
  if (step.action.kind === "lock") {
    // Of two locks the second is the problem.
    if (plan.steps.indexOf(found) > index) return [];
    return [refused(part, index, `The step "${step.name}" takes a lock while the run holds that of "${found.name}".`)];
  }
  if (releasesInto(step, found.action)) {
    const message = `The step "${step.name}" releases into an environment that the run keeps for itself from "${found.name}" on: it would wait for its own run.`;
    const remedy = "Leave the lock out: a release takes the lock of its environment by itself.";
    return [{ part, index, field: null, code: "bad-value", message, remedy }];
  }
  const isBefore = part === "steps" && behind(plan.steps, found.name).has(step.name);
  if (step.uses.length === 0 || (isBefore && step.compensation.kind !== "undo")) return [];
  return [refused(part, index, `The step "${step.name}" waits for what is shared while the run holds a lock.`)];
}

/**
 * An act at a target keeps the lock of its environment to the end of the run, and a release takes the same lock as a
 * deployment of its own: the one would wait for the other, on the way forward or on the way back.
 */
function besideActs(plan: Plan, part: Part, index: number, step: PlanStep): readonly PlanProblem[] {
  const released = actionsOf(step).find(({ kind }) => kind === "sub-release");
  if (released?.kind !== "sub-release") return [];
  const { environment } = released;
  const other = [...plan.steps, ...plan.rollback].find((one) =>
    actionsOf(one).some((each) => actsIn(each, environment)),
  );
  if (other === undefined) return [];
  const message = `The step "${step.name}" releases into ${environment}, where "${other.name}" acts under the lock of the run: the release would wait for its own run.`;
  const remedy =
    "Release by steps that act there (startVersion, shiftTraffic, stopVersion), or act in a run of its own.";
  return [{ part, index, field: null, code: "bad-value", message, remedy }];
}

function actsIn(action: StepAction, environment: string): boolean {
  return isTargetAction(action) && "environment" in action && action.environment === environment;
}

function actionsOf({ action, compensation }: PlanStep): readonly StepAction[] {
  return [action, ...(compensation.kind === "undo" ? [compensation.action] : [])];
}

function releasesInto(step: PlanStep, { environments }: Lock): boolean {
  return actionsOf(step).some((one) => one.kind === "sub-release" && environments.includes(one.environment));
}

function refused(part: Part, index: number, message: string): PlanProblem {
  const remedy = "Take all of it in one lock, or use it before the lock and without an undo.";
  return { part, index, field: null, code: "bad-value", message, remedy };
}

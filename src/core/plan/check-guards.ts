import type { PlanProblem } from "#core/plan/check.ts";
import { isGuard } from "#core/plan/guard.ts";
import type { Plan, PlanStep } from "#core/plan/plan.ts";

type Part = PlanProblem["part"] & ("steps" | "rollback");

/** What is wrong with steps that guard others. */
export function guardProblems(plan: Plan): readonly PlanProblem[] {
  return (["steps", "rollback"] as const).flatMap((part) =>
    plan[part].flatMap((step, index) => onTheWayBack(part, index, step)),
  );
}

/** Whoever goes back waits for no window and for nobody's consent; a person who has to look is a task. */
function onTheWayBack(part: Part, index: number, { action, compensation, name }: PlanStep): readonly PlanProblem[] {
  const isUndo = compensation.kind === "undo" && isGuard(compensation.action);
  if (!isUndo && !(part === "rollback" && isGuard(action))) return [];
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

import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentRunbook } from "#api/plan/list-runbooks.ts";
import { sayAction } from "#api/plan/present-run.ts";
import { allowed } from "#api/plan/run-actions.ts";
import { getRunbook } from "#contract/plan-command.ts";
import { parts, stepsOf, type Part, type Plan, type PlanStep } from "#core/plan/plan.ts";
import { asks } from "#core/plan/oversight.ts";
import { columnsOf } from "#core/plan/timing.ts";

export const getRunbookHandler = defineHandler(getRunbook, async (deps, call) => {
  const { name } = call.params;
  const { version } = call.query;
  const found = await deps.plans.showRunbook(name, version ?? null);
  if (!found.ok) {
    const detail =
      found.error === "no-such-runbook"
        ? `There is no runbook ${name}, and never was. "tidegate runbook list" shows those in force.`
        : `The runbook ${name} never had the version ${version ?? ""}. Leave it out to see all.`;
    return refuse("no-such-runbook", detail);
  }
  const { runbook, shown, text, versions, usualSeconds } = found.value;
  const isInForce = versions.some(({ to }) => to === null);
  return answer(200, {
    name,
    version: shown.version,
    runbook: runbook === null ? null : presentRunbook(runbook),
    steps: runbook === null ? [] : parts.flatMap((part) => presentSteps(runbook.plan, part)),
    usual: usualSeconds,
    text,
    versions: versions.map((each) => ({ ...each, from: each.from.toString(), to: each.to?.toString() ?? null })),
    actions: [allowed("start", call.identity, "run.start", isInForce ? null : "It is not in force any more.")],
  });
});

function presentSteps(plan: Plan, part: Part) {
  const steps = stepsOf(plan, part);
  const columns = columnsOf(steps);
  return steps.map(({ name, after, action, timeoutSeconds: timeout, uses, compensation }) => ({
    part,
    name,
    after,
    column: columns.get(name) ?? 0,
    kind: action.kind,
    does: sayAction(action),
    timeout,
    uses,
    undo: sayUndo(compensation),
    asks: [asks(action) ?? []].flat().join(", ") || null,
  }));
}

function sayUndo(compensation: PlanStep["compensation"]): string | null {
  switch (compensation.kind) {
    case "none-needed":
      return null;
    case "undo":
      return sayAction(compensation.action);
    case "irreversible":
      return `Irreversible: ${compensation.reason}`;
  }
}

import { hasEffect, type StepAction } from "#core/plan/action.ts";
import { limits, parts, type Plan, type PlanStep } from "#core/plan/plan.ts";
import { pathOf } from "#core/plan/timing.ts";

/** What is wrong with a plan, and where: a part, the place of the step in it as written, and its field. */
export interface PlanProblem {
  readonly part: "steps" | "rollback" | "within";
  readonly index: number | null;
  readonly field: "name" | "after" | "undo" | "timeout" | null;
  readonly code: "repeated" | "unknown" | "cycle" | "no-compensation" | "too-long" | "no-rollback" | "bad-value";
  readonly message: string;
  readonly remedy: string;
}

/** Everything that no single step shows. A plan without problems comes to an end whatever its steps do. */
export function planProblems(plan: Plan): readonly PlanProblem[] {
  const releases = new Set(plan.steps.filter(({ action }) => action.kind === "sub-release").map(({ name }) => name));
  const found = [
    ...limitProblems(plan),
    ...graphProblems("steps", plan, releases),
    ...graphProblems("rollback", plan, releases),
    ...(["steps", "rollback"] as const).flatMap((part) =>
      plan[part].flatMap((step, index) => [
        ...strayTrafficBack(plan, part, index, step),
        ...endlessWatching(part, index, step),
      ]),
    ),
  ];
  if (plan.rollback.length === 0) {
    found.push({
      part: "rollback",
      index: null,
      field: null,
      code: "no-rollback",
      message: "There is no way back: when a step fails, nobody would know what to do.",
      remedy: "Describe the rollback part; one human-task is enough where nothing can be automated.",
    });
  }
  // A length can only be told of graphs without cycles.
  return found.some(({ code }) => code === "cycle" || code === "unknown" || code === "repeated")
    ? found
    : [...found, ...lengthProblems(plan)];
}

function limitProblems(plan: Plan): readonly PlanProblem[] {
  const remedy = "What takes longer belongs into the calendar, or into a plan of its own.";
  const steps = (["steps", "rollback"] as const).flatMap((part) =>
    plan[part].flatMap(({ name, timeoutSeconds }, index): readonly PlanProblem[] => {
      if (timeoutSeconds <= limits.stepSeconds) return [];
      const message = `The step "${name}" may take longer than ${limits.stepSeconds / 86_400} days.`;
      return [{ part, index, field: "timeout", code: "too-long", message, remedy }];
    }),
  );
  if (plan.withinSeconds <= limits.planSeconds) return steps;
  const message = `The whole may take longer than ${limits.planSeconds / 86_400} days.`;
  return [...steps, { part: "within", index: null, field: null, code: "too-long", message, remedy }];
}

function graphProblems(part: "steps" | "rollback", plan: Plan, releases: ReadonlySet<string>): readonly PlanProblem[] {
  const steps = plan[part];
  const names = steps.map(({ name }) => name);
  const found = steps.flatMap((step, index): readonly PlanProblem[] => [
    ...(names.indexOf(step.name) < index
      ? [
          {
            part,
            index,
            field: "name" as const,
            code: "repeated" as const,
            message: `Two steps are called "${step.name}".`,
            remedy: "Give each step a name of its own.",
          },
        ]
      : []),
    ...unknownNeeds(part, index, step, names),
    ...missingCompensation(part, index, step, plan.rollback),
    ...strayRollBack(part, index, step, releases),
  ]);
  const cycle = found.some(({ code }) => code === "unknown" || code === "repeated") ? null : cycleOf(steps);
  return cycle === null ? found : [...found, cycleProblem(part, steps, cycle)];
}

function unknownNeeds(
  part: "steps" | "rollback",
  index: number,
  step: PlanStep,
  names: readonly string[],
): readonly PlanProblem[] {
  return step.after
    .filter((need) => !names.includes(need))
    .map((need) => ({
      part,
      index,
      field: "after" as const,
      code: "unknown" as const,
      message: `The step "${step.name}" comes after "${need}", which is no step of this part.`,
      remedy: `Name one of: ${names.filter((name) => name !== step.name).join(", ")}.`,
    }));
}

/** On the way back nothing is undone, so only forward steps owe a compensation; a roll-back there is one. */
function missingCompensation(
  part: "steps" | "rollback",
  index: number,
  step: PlanStep,
  rollback: readonly PlanStep[],
): readonly PlanProblem[] {
  const { compensation, action, name } = step;
  if (part === "rollback") return [];
  const isTakenBack = rollback.some((back) => back.action.kind === "roll-back" && back.action.step === name);
  const owes = hasEffect(action) && compensation.kind === "none-needed" && !isTakenBack;
  const isEndless = compensation.kind === "undo" && !endsByItself(compensation.action);
  if (!owes && !isEndless) return [];
  const message = owes
    ? `The step "${name}" changes something and does not say how that is taken back.`
    : `The undo of the step "${name}" is judged like a release, and may be denied.`;
  const remedy = owes
    ? 'Give it an undo, or say why there is none with "irreversible".'
    : "Put it into the rollback part.";
  return [{ part, index, field: "undo", code: owes ? "no-compensation" : "bad-value", message, remedy }];
}

/** A roll-back is part of the way back, and of a release that this plan makes. */
function strayRollBack(
  part: "steps" | "rollback",
  index: number,
  { name, action, compensation }: PlanStep,
  releases: ReadonlySet<string>,
): readonly PlanProblem[] {
  const undo = compensation.kind === "undo" ? compensation.action : null;
  const rollBack = action.kind === "roll-back" ? action : undo?.kind === "roll-back" ? undo : null;
  if (rollBack === null || (releases.has(rollBack.step) && (part === "rollback" || undo !== null))) return [];
  const message = releases.has(rollBack.step)
    ? `The step "${name}" takes a release back on the way forward.`
    : `The step "${name}" takes back "${rollBack.step}", which is no sub-release of this plan.`;
  const remedy = releases.has(rollBack.step)
    ? "Make it an undo, or put it into the rollback part."
    : `Name a step with a subRelease${releases.size === 0 ? "; there is none" : `: ${[...releases].join(", ")}`}.`;
  return [{ part, index, field: null, code: "bad-value", message, remedy }];
}

/** Shares are given back on the way back, and only where this plan has changed them. */
function strayTrafficBack(
  plan: Plan,
  part: "steps" | "rollback",
  index: number,
  { name, action, compensation }: PlanStep,
): readonly PlanProblem[] {
  const undo = compensation.kind === "undo" ? compensation.action : null;
  const back = action.kind === "traffic-back" ? action : undo?.kind === "traffic-back" ? undo : null;
  if (back === null) return [];
  const shifts = plan.steps.filter((step) => step.action.kind === "shift-traffic").map((step) => step.name);
  const isKnown = shifts.includes(back.step);
  if (isKnown && (part === "rollback" || undo !== null)) return [];
  const message = isKnown
    ? `The step "${name}" gives shares back on the way forward.`
    : `The step "${name}" gives back the shares before "${back.step}", which is no shiftTraffic of this plan.`;
  const remedy = isKnown
    ? "Make it an undo, or put it into the rollback part."
    : `Name a step with a shiftTraffic${shifts.length === 0 ? "; there is none" : `: ${shifts.join(", ")}`}.`;
  return [{ part, index, field: null, code: "bad-value", message, remedy }];
}

function endlessWatching(
  part: "steps" | "rollback",
  index: number,
  { name, action, timeoutSeconds }: PlanStep,
): readonly PlanProblem[] {
  if (action.kind !== "observe") return [];
  const { minSeconds, maxSeconds } = action;
  if (minSeconds <= maxSeconds && maxSeconds < timeoutSeconds) return [];
  const message =
    minSeconds > maxSeconds
      ? `The step "${name}" watches for ${minSeconds} s at least and ${maxSeconds} s at most.`
      : `The step "${name}" watches for ${maxSeconds} s at most, and its time-out is ${timeoutSeconds} s.`;
  const remedy = "Let `for` be no longer than `atMost`, and `atMost` shorter than `timeout`.";
  return [{ part, index, field: "timeout", code: "too-long", message, remedy }];
}

function endsByItself({ kind }: StepAction): boolean {
  return kind !== "sub-release" && kind !== "start-version" && kind !== "shift-traffic";
}

/** The names of a cycle in the order of the arrows; null when there is none. */
function cycleOf(steps: readonly PlanStep[]): readonly string[] | null {
  const left = new Map(steps.map((step) => [step.name, new Set(step.after)]));
  for (let free = freeIn(left); free.length > 0; free = freeIn(left)) {
    for (const name of free) left.delete(name);
    for (const needs of left.values()) for (const name of free) needs.delete(name);
  }
  const [first] = left.keys();
  if (first === undefined) return null;
  const walked: string[] = [];
  for (let at = first; ;) {
    const seen = walked.indexOf(at);
    if (seen >= 0) return walked.slice(seen);
    walked.push(at);
    const [need] = left.get(at) ?? [];
    if (need === undefined) return walked;
    at = need;
  }
}

function freeIn(left: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  return [...left].flatMap(([name, needs]) => (needs.size === 0 ? [name] : []));
}

function cycleProblem(part: "steps" | "rollback", steps: readonly PlanStep[], cycle: readonly string[]): PlanProblem {
  const [first = ""] = cycle;
  return {
    part,
    index: steps.findIndex(({ name }) => name === first),
    field: "after",
    code: "cycle",
    message: `These steps wait for each other: ${[...cycle, first].join(" after ")}.`,
    remedy: "Take one of the arrows away.",
  };
}

function lengthProblems(plan: Plan): readonly PlanProblem[] {
  const paths = parts.map((part) => pathOf(plan, part));
  const needed = paths.reduce((sum, { seconds }) => sum + seconds, 0);
  if (needed <= plan.withinSeconds) return [];
  const path = paths.flatMap(({ names }) => names).join(", ");
  const isCrowded = paths.some(({ crowdedSeconds }) => crowdedSeconds > 0);
  const crowd = isCrowded ? ` and what waits for one of ${plan.parallel} places` : "";
  return [
    {
      part: "within",
      index: null,
      field: "timeout",
      code: "too-long",
      message: `Its time-outs add up to ${needed} s along ${path}${crowd}, way back included; the plan has ${plan.withinSeconds} s.`,
      remedy: "Shorten the time-outs of these steps, let some go at the same time, or allow more with within.",
    },
  ];
}

import type { StepAction } from "#core/plan/action.ts";
import type { ResourceUse } from "#core/plan/resource-queue.ts";

/**
 * A graph of steps (capability I1): those that do not need each other go at the same time. `rollback` is the graph of
 * the way back; it begins when the forward part has failed or was aborted, behind the compensation of the steps that
 * were done.
 */
export interface Plan {
  readonly steps: readonly PlanStep[];
  readonly rollback: readonly PlanStep[];
  /** So many steps at the same time at most. */
  readonly parallel: number;
  /** From begin to end at most, way back included; in seconds. */
  readonly withinSeconds: number;
}

export interface PlanStep {
  /** Unique in its part; a part of the stored format and of the key at the target. */
  readonly name: string;
  /** Steps of the same part that must be over before this one begins. */
  readonly after: readonly string[];
  readonly action: StepAction;
  /** From the begin of the step, repetitions included. */
  readonly timeoutSeconds: number;
  /** Tries at a passing failure, the first one included; a lasting failure is never tried again. */
  readonly attempts: number;
  readonly compensation: Compensation;
  /** What is shared and has to be free before it begins; its undo needs it too. */
  readonly uses: readonly ResourceUse[];
  /** Teams of which the run shows who is on call; absent: none. */
  readonly contacts?: readonly string[];
}

/** How what a step did is taken back. Never silent: a step with an effect has an undo or says why it has none. */
export type Compensation =
  | { readonly kind: "none-needed" }
  | { readonly kind: "undo"; readonly action: StepAction }
  | { readonly kind: "irreversible"; readonly reason: string };

/** `undo`: the compensations of forward steps, each under the name of its step. */
export const parts = ["forward", "undo", "rollback"] as const;
export type Part = (typeof parts)[number];

export const limits = {
  /** More is several releases, which are sub-releases of a plan of plans. */
  steps: 200,
  parallel: 50,
  /** What waits longer belongs into the calendar. */
  stepSeconds: 14 * 24 * 3600,
  planSeconds: 30 * 24 * 3600,
  attempts: 10,
  fields: 30,
} as const;

/** The steps of a part; those of `undo` run against the arrows, because what was done last is taken back first. */
export function stepsOf(plan: Plan, part: Part): readonly PlanStep[] {
  return part === "forward" ? plan.steps : part === "rollback" ? plan.rollback : undosOf(plan.steps);
}

/**
 * The compensations as steps. One begins when every undo of a step that needed it is over, also where steps without an
 * undo lie between the two.
 */
function undosOf(steps: readonly PlanStep[]): readonly PlanStep[] {
  const undone = steps.flatMap((step) =>
    step.compensation.kind === "undo" ? [{ step, action: step.compensation.action }] : [],
  );
  const needs = new Map(steps.map((step) => [step.name, behind(steps, step.name)]));
  return undone.map(({ step, action }): PlanStep => ({
    ...step,
    action,
    compensation: { kind: "none-needed" },
    after: undone.flatMap(({ step: later }) => (needs.get(later.name)?.has(step.name) === true ? [later.name] : [])),
  }));
}

/** Names of all steps that a step needs, directly or not. */
export function behind(steps: readonly PlanStep[], name: string): ReadonlySet<string> {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const found = new Set<string>();
  const open = [...(byName.get(name)?.after ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(byName.get(next)?.after ?? []));
  }
  return found;
}

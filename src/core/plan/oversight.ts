import { hasEffect, taskOf, type StepAction } from "#core/plan/action.ts";
import { parts, stepsOf, type Plan } from "#core/plan/plan.ts";

/** Who has to be present at a run of high risk, and who is (capability I7). */
export interface Oversight {
  /** Person, team or role, as the runbook names it. */
  readonly asked: string;
  /** Person; null: nobody is. */
  readonly present: { readonly person: string; readonly since: Temporal.Instant } | null;
}

/**
 * Steps of the way forward that change something outside: at high risk they begin only while the overseer is present.
 * What people do and what only waits goes on without, and so does every way back.
 */
export function protectedSteps({ steps }: Plan): readonly string[] {
  return steps.flatMap(({ name, action }) => (hasEffect(action) ? [name] : []));
}

/** Names of the steps that may not begin now. */
export function heldSteps(plan: Plan, oversight: Oversight | null): ReadonlySet<string> {
  return new Set(oversight?.present === null ? protectedSteps(plan) : []);
}

/** Services that the steps of a plan deploy, each once. */
export function servicesOf({ steps, rollback }: Plan): readonly string[] {
  const named = [...steps, ...rollback].flatMap(({ action }) =>
    action.kind === "sub-release" ? [action.service] : [],
  );
  return [...new Set(named)];
}

/** Person, team or role whom each step asks that asks somebody, by `part/name`; of consent all that it names. */
export function askedBy(plan: Plan): ReadonlyMap<string, string | readonly string[]> {
  return new Map(
    parts.flatMap((part) =>
      stepsOf(plan, part).flatMap(({ name, action }): readonly (readonly [string, string | readonly string[]])[] => {
        const asked = asks(action);
        return asked === null ? [] : [[`${part}/${name}`, asked]];
      }),
    ),
  );
}

/** Whom an action asks; null: nobody. */
export function asks(action: StepAction): string | readonly string[] | null {
  return action.kind === "approve" ? [...action.roles, ...action.teams] : (taskOf(action)?.who ?? null);
}

import type { StepId } from "#core/plan/advance.ts";
import { parts } from "#core/plan/plan.ts";
import type { StepKey } from "#usecases/plan/plan-records.ts";

/** Idempotency key of a step, here and at whatever it touches. */
export function stepKey(run: string, { part, name }: StepId): string {
  return `${run}:${part}:${name}`;
}

/** The step behind such a key; null when it is none. */
export function keyOfStep(key: string): StepKey | null {
  const [run, found, name, ...more] = key.split(":");
  const part = parts.find((each) => each === found);
  if (run === undefined || name === undefined || part === undefined || more.length > 0) return null;
  return { run, part, name };
}

import type { StepId } from "#core/plan/advance.ts";

/** Idempotency key of a step, here and at whatever it touches. */
export function stepKey(run: string, { part, name }: StepId): string {
  return `${run}:${part}:${name}`;
}

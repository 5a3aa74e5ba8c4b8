import type { Expectation } from "#core/plan/resource-queue.ts";
import type { OpenPlace } from "#usecases/plan/plan-records.ts";
import type { Records } from "#usecases/records.ts";

/** By what steps of these names took before, asked once for each; where too little is known, anything up to the time-out. */
export async function expectations(
  records: Records,
  open: readonly OpenPlace[],
  now: Temporal.Instant,
): Promise<ReadonlyMap<string, Expectation>> {
  const usual = new Map<string, Expectation | null>();
  const found = new Map<string, Expectation>();
  for (const { key, step, runbook, isHeld, begunAt, deadline } of open) {
    const name = `${runbook}/${step.part}/${step.name}`;
    const known = usual.get(name) ?? (usual.has(name) ? null : await records.claims.usual(step));
    usual.set(name, known);
    const whole = known ?? { least: 0, most: secondsBetween(begunAt, deadline) };
    const gone = isHeld ? secondsBetween(begunAt, now) : 0;
    found.set(key, { least: Math.max(0, whole.least - gone), most: Math.max(0, whole.most - gone) });
  }
  return found;
}

/** When something begins by what is expected; null: nobody knows. */
export function spanOf(
  start: Expectation | undefined,
  now: Temporal.Instant,
): { readonly from: Temporal.Instant; readonly to: Temporal.Instant } | null {
  if (start === undefined) return null;
  return { from: now.add({ seconds: Math.round(start.least) }), to: now.add({ seconds: Math.round(start.most) }) };
}

function secondsBetween(from: Temporal.Instant, to: Temporal.Instant): number {
  return (to.epochMilliseconds - from.epochMilliseconds) / 1000;
}

import type { Records } from "#usecases/records.ts";
import type { Change, RolloutDeps } from "#usecases/rollout/change.ts";
import { verifyLive } from "#usecases/rollout/finish.ts";
import { end, endBack, stubborn } from "#workflows/ending.ts";
import type { Flow } from "#workflows/flow.ts";
import { letGoOfFormer } from "#workflows/methods.ts";

export interface Forward {
  /** Second of the target in which all new sessions went to the version; null: nobody knows. */
  readonly cutOver: number | null;
  /** Why it would have gone back, had it not passed the point of no return; null: nothing asked for that. */
  readonly forward: string | null;
}

/** It is live and verified: the former version is let go, and the record says what it went forward with. */
export async function endSettled(
  deps: RolloutDeps,
  flow: Flow<Records>,
  change: Change,
  { cutOver, forward }: Forward,
): Promise<string> {
  const aborted = await letGoOfFormer(deps, flow, change, cutOver);
  if (aborted !== null) return await endBack(deps, flow, change, aborted);
  const outcome = `${change.service}@${change.version} is live in ${change.environment}, verified at the target.${said(forward)}`;
  return await end(deps, flow, change, { event: { kind: "went-live" }, outcome });
}

/** Let go forward past its point of no return: it counts as live only where the target shows that it is. */
export async function endForward(
  deps: RolloutDeps,
  flow: Flow<Records>,
  change: Change,
  way: Forward,
): Promise<string> {
  const verified = await flow.step("verify live, forward", () => verifyLive(deps, change), stubborn);
  if (verified.done) return await endSettled(deps, flow, change, way);
  const outcome = `${verified.sentence}${said(way.forward)} Somebody has to look at the target.`;
  return await end(deps, flow, change, { event: { kind: "lost-sight" }, outcome });
}

function said(forward: string | null): string {
  return forward === null
    ? ""
    : ` It is past the point of no return and did not go back, so it is to be fixed forward: ${forward}`;
}

import { rulesAt } from "#core/rollout/way.ts";
import { refusedBy, targetOf, wayIn, type Change, type Refused, type RolloutDeps } from "#usecases/rollout/change.ts";

export type Shifted =
  | {
      readonly done: true;
      /** Epoch second at the target from which the share is in effect. */
      readonly sinceSecond: number;
      /** Instant at the target at which it was seen; absent in steps that were recorded before it was asked for. */
      readonly upAt?: string;
    }
  | Refused;

/** Gives the new version its share and reads back at the target that it has it. */
export async function shiftTraffic(deps: RolloutDeps, change: Change, percent: number, key: string): Promise<Shifted> {
  const { version, control, fence } = change;
  const wish = { ...targetOf(change), version, control, percent, ...rulesAt(wayIn(change), version, percent) };
  const shifted = await deps.deployer.shift(wish, { key, fence });
  if (!shifted.ok) return refusedBy(shifted.error);
  const confirmed = shifted.value.versions.find((seen) => seen.version === version)?.percent ?? 0;
  if (confirmed !== percent) {
    const sentence = `The proxy answers ${confirmed} % for ${change.service}@${version} where ${percent} % was asked.`;
    return { done: false, code: "share-not-in-effect", sentence };
  }
  await deps.transact(async (records) => {
    const fresh = await records.timeline.append({
      deployment: change.deployment,
      at: deps.now(),
      step: "shift-traffic",
      name: `shift to ${percent} %`,
      phase: "done",
      sentence: `${whoMoves(change, percent)} to ${version}, confirmed at the target.`,
      detail: { percent },
    });
    if (fresh) await records.deployments.note(change.deployment, { percent });
  });
  const upAt = shifted.value.observedAt;
  return { done: true, sinceSecond: secondOf(upAt), upAt };
}

/** The second in which the weights changed is mixed; the next one is the first that belongs to the share alone. */
export function secondOf(observedAt: string): number {
  return Math.floor(Temporal.Instant.from(observedAt).epochMilliseconds / 1000) + 1;
}

function whoMoves(change: Change, percent: number): string {
  const { cohort, sessions } = wayIn(change);
  if (cohort !== null && percent < 100) return `${percent} % of the traffic and the cohort ${cohort} go`;
  return sessions === null ? `${percent} % of the traffic goes` : `${percent} % of the new sessions go`;
}

import { refusedBy, targetOf, type Change, type Refused, type RolloutDeps } from "#usecases/rollout/change.ts";

export type Shifted =
  | {
      readonly done: true;
      /** Epoch second at the target from which the share is in effect. */ readonly sinceSecond: number;
    }
  | Refused;

/** Gives the new version its share and reads back at the target that it has it. */
export async function shiftTraffic(deps: RolloutDeps, change: Change, percent: number, key: string): Promise<Shifted> {
  const { version, control, fence } = change;
  const shifted = await deps.deployer.shift({ ...targetOf(change), version, control, percent }, { key, fence });
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
      sentence: `${percent} % of the traffic goes to ${version}, confirmed at the target.`,
      detail: { percent },
    });
    if (fresh) await records.deployments.note(change.deployment, { percent });
  });
  // The second in which the weights changed is mixed; the next one is the first that belongs to the share alone.
  const sinceSecond = Math.floor(Temporal.Instant.from(shifted.value.observedAt).epochMilliseconds / 1000) + 1;
  return { done: true, sinceSecond };
}

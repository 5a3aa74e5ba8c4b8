import {
  refusedBy,
  RepeatableFailure,
  targetOf,
  write,
  type Change,
  type RolloutDeps,
} from "#usecases/rollout/change.ts";
import type { Done } from "#usecases/rollout/prepare.ts";

/** Takes all traffic from the new version, under the same lock number. */
export async function returnTraffic(deps: RolloutDeps, change: Change, why: string, key: string): Promise<Done> {
  if (change.control === null) {
    const sentence = "There is no former version to go back to: this was the first one here.";
    await write(deps, change, { step: "roll-back", name: "roll back", phase: "failed", sentence });
    return { done: false, code: "no-former-version", sentence };
  }
  const { version, control, fence } = change;
  const shifted = await deps.deployer.shift({ ...targetOf(change), version, control, percent: 0 }, { key, fence });
  if (!shifted.ok) return refusedBy(shifted.error);
  await deps.transact(async (records) => {
    const fresh = await records.timeline.append({
      deployment: change.deployment,
      at: deps.now(),
      step: "roll-back",
      name: "roll back",
      phase: "done",
      sentence: `All traffic goes back to ${control}.`,
      detail: { why },
    });
    if (fresh) await records.deployments.note(change.deployment, { percent: 0 });
  });
  return { done: true };
}

/**
 * The former version must be seen live at the target: all traffic, ready, and passing its own checks. A rollback is
 * verified, never assumed (semantics §6.5).
 */
export async function verifyFormer(deps: RolloutDeps, change: Change): Promise<Done> {
  const { control } = change;
  if (control === null) return { done: false, code: "no-former-version", sentence: "There is no former version." };
  const seen = await deps.deployer.observe(targetOf(change));
  if (!seen.ok) return refusedBy(seen.error);
  const live = seen.value.versions.find(({ version }) => version === control);
  if (live?.state !== "ready" || live.percent !== 100) {
    throw new RepeatableFailure({
      code: "not-back-yet",
      message: `The target shows ${live === undefined ? "nothing" : `${live.state} with ${live.percent} %`} for ${change.service}@${control}.`,
      retry: "later",
    });
  }
  const checks = await deps.deployer.smoke({ ...targetOf(change), version: control });
  if (!checks.ok) return refusedBy(checks.error);
  const failed = checks.value.filter(({ passed }) => !passed);
  if (failed.length > 0) {
    return {
      done: false,
      code: "former-version-unhealthy",
      sentence: `${control} has the traffic but fails ${failed.map(({ name }) => name).join(", ")}.`,
    };
  }
  await write(deps, change, {
    step: "verify",
    name: "verify former version",
    phase: "done",
    sentence: `${change.service}@${control} is live at the target with 100 % of the traffic and passes ${checks.value.length} checks.`,
    detail: { live, checks: checks.value },
  });
  return { done: true };
}

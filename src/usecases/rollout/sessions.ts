import type { SessionLimits } from "#core/rollout/strategy.ts";
import {
  refusedBy,
  RepeatableFailure,
  targetOf,
  wayIn,
  write,
  type Change,
  type Refused,
  type RolloutDeps,
} from "#usecases/rollout/change.ts";
import { askedToAbort } from "#usecases/rollout/look-for-abort.ts";
import { secondOf } from "#usecases/rollout/shift-traffic.ts";
import { lookEveryMs } from "#usecases/rollout/traffic-view.ts";

export type Kept =
  | {
      readonly done: true;
      /** Epoch second at the target from which every session that shows itself is known; null: all are known already. */
      readonly knownFrom: number | null;
    }
  | Refused;

/**
 * Sessions stay with the former version from now on. One that began before is known as soon as it makes a request, and
 * one that makes none for as long as a session may be silent has ended: so after that time all are known.
 */
export async function keepSessions(
  deps: RolloutDeps,
  change: Change & { readonly control: string },
  { idleSeconds }: SessionLimits,
  key: string,
): Promise<Kept> {
  const { version, control, fence } = change;
  const before = await deps.deployer.observe(targetOf(change));
  if (!before.ok) return refusedBy(before.error);
  const areKnown = before.value.routing?.sticky === true;
  const wish = { ...targetOf(change), version, control, percent: 0, sticky: { idleSeconds } };
  const shifted = await deps.deployer.shift(wish, { key, fence });
  if (!shifted.ok) return refusedBy(shifted.error);
  const knownFrom = areKnown ? null : secondOf(shifted.value.observedAt) + idleSeconds;
  const wait = areKnown ? "as they did before" : `all that live are known in ${idleSeconds} s`;
  await write(deps, change, {
    step: "shift-traffic",
    name: "keep sessions",
    phase: "done",
    sentence: `Sessions stay with ${control} from now on: ${wait}.`,
    detail: { idleSeconds },
  });
  return { done: true, knownFrom };
}

/**
 * Waits by the clock of the target, so that a repetition waits for the same second. Whoever aborts ends the wait; what
 * follows from that is judged at the border of the next stage, as always.
 */
export async function letSessionsBeKnown(deps: RolloutDeps, change: Change, knownFrom: number): Promise<null> {
  while ((await askedToAbort(deps, change)) === null) {
    if ((await secondAtTarget(deps, change, knownFrom)) >= knownFrom) break;
    await deps.pause(lookEveryMs);
  }
  return null;
}

/** Says what holds from the cut-over on, for whoever looks and wonders why the run does not end. */
export async function sayCutOver(deps: RolloutDeps, change: Change & { readonly control: string }): Promise<null> {
  const { sessions, holdSeconds } = wayIn(change);
  const own = sessions === null ? "" : "keeps its sessions and ";
  await write(deps, change, {
    step: "wait",
    name: `keep ${change.control}`,
    phase: "info",
    sentence: `${change.control} ${own}stays at hand for ${holdSeconds} s: aborting the deployment switches back at once.`,
    detail: { holdSeconds, sessions },
  });
  return null;
}

export type Released =
  | { readonly kind: "released" }
  /** Sessions were still there at the limit: nobody is logged out, and the version is left running. */
  | { readonly kind: "left" }
  | { readonly kind: "aborted"; readonly by: string };

/**
 * Stops the former version once its sessions have ended, at the latest tried at the limit. A session is never ended: what
 * still has some then stays up, without new ones, and the record says so.
 */
export async function releaseFormer(
  deps: RolloutDeps,
  change: Change & { readonly control: string },
  since: { readonly cutOver: number; readonly sessions: SessionLimits },
  key: string,
): Promise<Released> {
  const { control, fence } = change;
  const limit = since.cutOver + since.sessions.drainSeconds;
  for (;;) {
    const by = await askedToAbort(deps, change);
    if (by !== null) return { kind: "aborted", by };
    const now = await secondAtTarget(deps, change, since.cutOver);
    const stopped = await deps.deployer.stopVersion({ ...targetOf(change), version: control }, { key, fence });
    if (stopped.ok) return await sayReleased(deps, change, now - since.cutOver);
    // Who looks too early asks again: the target itself knows which sessions live.
    if (stopped.error.code !== "has-sessions") throw new RepeatableFailure(stopped.error);
    if (now >= limit) return await sayLeft(deps, change, now - since.cutOver);
    await deps.pause(releaseLookMs);
  }
}

/** A session ends in seconds, not in milliseconds. */
const releaseLookMs = 1000;

async function secondAtTarget(deps: RolloutDeps, change: Change, since: number): Promise<number> {
  const traffic = await deps.deployer.traffic({ ...targetOf(change), since });
  if (!traffic.ok) throw new RepeatableFailure(traffic.error);
  return traffic.value.completeBefore;
}

async function sayReleased(deps: RolloutDeps, change: Change, seconds: number): Promise<Released> {
  const { service, control } = change;
  const sentence = `The sessions of ${service}@${control} have ended ${seconds} s after the cut-over, none by force; it is stopped.`;
  await write(deps, change, { step: "stop-version", name: `stop ${control}`, phase: "done", sentence });
  return { kind: "released" };
}

async function sayLeft(deps: RolloutDeps, change: Change, seconds: number): Promise<Released> {
  const { service, control } = change;
  const sentence = `${service}@${control} still has sessions ${seconds} s after the cut-over. Nobody is logged out: it is left running and gets no new ones; stop it when they have ended (step stopVersion of a runbook).`;
  await write(deps, change, { step: "stop-version", name: `stop ${control}`, phase: "failed", sentence });
  return { kind: "left" };
}

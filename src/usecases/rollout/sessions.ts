import { saySessions, type SessionCount } from "#core/rollout/left-version.ts";
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
import { endLeft, leftOf } from "#usecases/rollout/left-version.ts";
import { seeLeft } from "#usecases/rollout/see-left.ts";
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
  /** They were ended, as the strategy says. */
  | { readonly kind: "ended"; readonly forcedOut: number }
  | { readonly kind: "aborted"; readonly by: string };

type WithFormer = Change & { readonly control: string };

/**
 * Stops the former version once its sessions have ended. At the limit the strategy decides about the rest: those that live
 * are left alone, and the version is stopped later, or they are counted and ended.
 */
export async function releaseFormer(
  deps: RolloutDeps,
  change: WithFormer,
  since: { readonly cutOver: number; readonly sessions: SessionLimits },
  key: string,
): Promise<Released> {
  const { control, fence } = change;
  const { sessions } = since;
  const limit = since.cutOver + sessions.drainSeconds;
  for (;;) {
    const by = await askedToAbort(deps, change);
    if (by !== null) return { kind: "aborted", by };
    const now = await secondAtTarget(deps, change, since.cutOver);
    const stopped = await deps.deployer.stopVersion({ ...targetOf(change), version: control }, { key, fence });
    if (stopped.ok) return await sayReleased(deps, change, now - since.cutOver);
    // Who looks too early asks again: the target itself knows which sessions live.
    if (stopped.error.code !== "has-sessions") throw new RepeatableFailure(stopped.error);
    if (now >= limit) return await atLimit(deps, change, sessions, { seconds: now - since.cutOver, key });
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

interface AtLimit {
  /** Since the cut-over. */
  readonly seconds: number;
  readonly key: string;
}

async function atLimit(
  deps: RolloutDeps,
  change: WithFormer,
  sessions: SessionLimits,
  { seconds, key }: AtLimit,
): Promise<Released> {
  const { control: version, fence } = change;
  const { idleSeconds } = sessions;
  const seen = await seeLeft(deps.deployer, { ...targetOf(change), version, idleSeconds });
  if (!seen.ok) throw new RepeatableFailure(seen.error);
  const { count, percent } = seen.value;
  if (sessions.atLimit !== "end" || percent > 0) return await leave(deps, change, sessions, { seconds, count });
  // On record before it is done: a repetition comes when nobody lives there any more, and the number must not be lost.
  const at = deps.now();
  const open = { ...leftOf(change, at), sessions, counted: count, askAt: at, lookAt: at.add(ownTurn) };
  const counted = await deps.transact(async (records) => {
    await records.leftVersions.insert(open);
    return (
      (await records.leftVersions.of(change.deployment)).find((left) => left.version === version)?.counted ?? count
    );
  });
  const wish = { ...targetOf(change), version, evenWithTraffic: true } as const;
  // A key of its own: it is another wish than the one that was refused.
  const stopped = await deps.deployer.stopVersion(wish, { key: `${key}:end`, fence });
  if (!stopped.ok) throw new RepeatableFailure(stopped.error);
  const left = { ...open, counted };
  await deps.transact((records) => endLeft(records, left, { at: deps.now(), how: "forced", forcedOut: counted.live }));
  return { kind: "ended", forcedOut: counted.live };
}

/** For so long the sweep leaves it to the run. */
const ownTurn = { seconds: 120 } as const;

async function leave(
  deps: RolloutDeps,
  change: WithFormer,
  sessions: SessionLimits,
  { seconds, count }: { readonly seconds: number; readonly count: SessionCount },
): Promise<Released> {
  const at = deps.now();
  const sentence = `${change.service}@${change.control} still has ${saySessions(count)} ${seconds} s after the cut-over. Nobody is logged out: it is left running, gets no new ones, and is stopped as soon as they have ended.`;
  const left = { ...leftOf(change, at), sessions, counted: count, askAt: at };
  await deps.transact(async (records) => {
    await records.leftVersions.insert(left);
    const line = { step: "stop-version", name: `stop ${left.version}`, phase: "info", sentence } as const;
    await records.timeline.append({ deployment: left.deployment, at, ...line, detail: { sessions: count } });
  });
  return { kind: "left" };
}

import type { Deployer } from "#connectors/port.ts";
import { sayInstant } from "#core/policy/say.ts";
import { actOnLeft, nextLookIn, saySessions, type LeftSeen, type LeftVersion } from "#core/rollout/left-version.ts";
import { personsOf } from "#usecases/rollback/audience.ts";
import type { Records, Transact } from "#usecases/records.ts";
import { environmentLock } from "#usecases/rollout/begin-run.ts";
import { endLeft } from "#usecases/rollout/left-version.ts";
import { seeLeft } from "#usecases/rollout/see-left.ts";

export interface ReleaseLeftDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly deployer: Pick<Deployer, "observe" | "traffic" | "stopVersion">;
}

/** Of one turn; the next one takes the rest. */
const maxLooks = 20;
/** Whoever claims one has it for so long; after the death of a worker another looks then. */
const ownFor = { seconds: 60 } as const;

/**
 * Looks at the versions that were left running, on every worker, and stops each as soon as it may be: when its sessions
 * have ended, or somebody has decided that they end. How many it looked at.
 */
export function makeReleaseLeft(deps: ReleaseLeftDeps): () => Promise<number> {
  return async () => {
    for (let looked = 0; looked < maxLooks; looked++) {
      const left = await deps.transact((records) => records.leftVersions.claim(deps.now(), deps.now().add(ownFor)));
      if (left === null) return looked;
      await lookAtOne(deps, left);
    }
    return maxLooks;
  };
}

async function lookAtOne(deps: ReleaseLeftDeps, left: LeftVersion): Promise<void> {
  const { environment, service, version, sessions } = left;
  const idleSeconds = sessions?.idleSeconds ?? null;
  const seen = await seeLeft(deps.deployer, { environment, service, version, idleSeconds });
  if (!seen.ok) return await later(deps, { ...left, failed: left.failed + 1 });
  const counted = { ...left, counted: idleSeconds === null ? null : seen.value.count };
  const at = deps.now();
  const act = actOnLeft(left, seen.value, at);
  switch (act.kind) {
    case "over": {
      // What was counted last before it was gone.
      const forcedOut = act.how === "forced" ? (left.counted?.live ?? null) : null;
      return await deps.transact(async (records) => {
        await letGo(records, left, at);
        await endLeft(records, left, { at, how: act.how, forcedOut });
      });
    }
    case "stop":
      return await stop(deps, counted, act.how);
    case "ask":
      return await deps.transact((records) => askAbout(records, counted, seen.value, at));
    case "wait":
      return await later(deps, counted);
  }
}

async function later(deps: ReleaseLeftDeps, left: LeftVersion): Promise<void> {
  const at = deps.now();
  await deps.transact(async (records) => {
    await letGo(records, left, at);
    await records.leftVersions.save({ ...left, lookAt: at.add({ seconds: nextLookIn(left) }) });
  });
}

/**
 * Stops it under the lock of the environment, as everything that changes a target. What runs there now goes first, and what
 * brings this very version back will find it running.
 */
async function stop(deps: ReleaseLeftDeps, left: LeftVersion, how: "stopped" | "forced"): Promise<void> {
  const { deployment, environment, service, version } = left;
  const lock = environmentLock(environment);
  const taken = await deps.transact(async (records) => {
    const live = await records.inventory.current(service, environment);
    if (live?.version === version) return null;
    const got = await records.locks.take(lock, deployment, deps.now().add(ownFor));
    if (!got.taken) return null;
    // Counted on record before it is done: whoever finds it gone says how many those were.
    await records.leftVersions.save({ ...left, lookAt: deps.now().add(ownFor) });
    return got.fence;
  });
  if (taken === null) return await later(deps, left);
  const wish = { environment, service, version, ...(how === "forced" ? { evenWithTraffic: true as const } : {}) };
  const stopped = await deps.deployer.stopVersion(wish, {
    key: `left:${deployment}:${version}:${taken}`,
    fence: taken,
  });
  const isStopped = stopped.ok || stopped.error.code === "unknown-version";
  await deps.transact(async (records) => {
    const at = deps.now();
    await letGo(records, left, at);
    if (!isStopped) return;
    const forcedOut = how === "forced" ? (left.counted?.live ?? null) : null;
    await endLeft(records, left, { at, how, forcedOut });
  });
  // A session that began to speak again between the two looks is waited for like the others.
  const isFailure = !stopped.ok && stopped.error.code !== "has-sessions";
  if (!isStopped) await later(deps, { ...left, failed: isFailure ? left.failed + 1 : left.failed });
}

/** Also what a worker left behind that died over it: nobody else comes for a lock of what has ended. */
async function letGo(records: Records, left: LeftVersion, at: Temporal.Instant): Promise<void> {
  const wasHeld = await records.locks.release(environmentLock(left.environment), left.deployment);
  if (wasHeld) await records.deployments.wake(left.environment, at);
}

/** Prolongs, and asks again: who asked for the deployment, the team of the service, and whoever decides on its way back. */
async function askAbout(records: Records, left: LeftVersion, { count }: LeftSeen, at: Temporal.Instant): Promise<void> {
  const { deployment, service, environment, version, sessions } = left;
  const askAt = at.add({ seconds: Math.max(60, sessions?.drainSeconds ?? 0) });
  const asked = left.asked + 1;
  if (!(await records.leftVersions.save({ ...left, asked, askAt, lookAt: at.add({ seconds: nextLookIn(left) }) })))
    return;
  const { services, rollbacks } = await records.catalog.inForce();
  const requester = (await records.deployments.find(deployment))?.subject.requestedBy ?? null;
  const decider = rollbacks.get(service)?.decision?.decider ?? null;
  const to = [requester, services.get(service)?.team ?? null, decider].flatMap((name) => name ?? []);
  const text = `${service}@${version} in ${environment} still has ${saySessions(count)}. It is waited for until ${sayInstant(askAt, null)} and asked again then; whoever wants to end them says so: tidegate way-back sessions ${deployment} --end.`;
  const persons = await personsOf(records, to, at);
  if (persons.length > 0) {
    await records.messages.insert(
      { key: `left:${deployment}:${version}:${asked}`, run: deployment, at, text },
      persons,
    );
  }
  const line = { step: "stop-version", name: `sessions of ${version}, question ${asked}`, phase: "info" } as const;
  await records.timeline.append({
    deployment,
    at,
    ...line,
    sentence: text,
    detail: { sessions: count, told: persons },
  });
}

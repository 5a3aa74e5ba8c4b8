import { requestKeyOf } from "#usecases/release/admit.ts";
import { systemActor, type Records } from "#usecases/records.ts";
import { lookEverySeconds } from "#usecases/rollout/arm-watch.ts";
import { backCall } from "#usecases/rollout/take-live-back.ts";
import { tellWatch } from "#usecases/rollout/tell-watch.ts";
import type { ClaimedWatch, WatchExit } from "#usecases/rollout/watch-records.ts";

/** A way back takes a minute or two, and longer where it waits for its turn. */
const followEvery = { seconds: 10 } as const;

/**
 * A version that is being taken back is watched on until its way back has ended: asked for is not done. The version of
 * before ends the watch when it is live; whatever else becomes of the way back is told, and the limits alert from then on.
 */
export async function followBack(records: Records, live: ClaimedWatch, at: Temporal.Instant): Promise<void> {
  const back = await records.deployments.findByRequest(requestKeyOf(backCall(live.deployment)) ?? "");
  if (back !== null && back.endedAt === null) {
    await records.watches.save({ ...live, lookAt: at.add(followEvery) });
    return;
  }
  const isDone = back === null || back.state === "succeeded";
  if (isDone) {
    const exit: WatchExit = { how: "taken-back", at: at.toString(), by: null, reason: null, criteria: [] };
    await records.watches.save({ ...live, memory: { ...live.memory, exit }, lookAt: null });
    return;
  }
  const told = [...new Set([...live.memory.told, ...firing(live)])];
  const memory = { ...live.memory, phase: "alerting", told, exit: null } as const;
  const isOurs = await records.watches.save({ ...live, memory, lookAt: at.add({ seconds: lookEverySeconds }) });
  if (!isOurs) return;
  const { stabilisation } = live.watch;
  const to = [stabilisation?.watcher, stabilisation?.escalate].flatMap((name) => name ?? []);
  const sentence = `${live.service}@${live.version} in ${live.environment} was to be taken back and was not: ${back.id} is ${back.state}. ${back.outcome ?? ""}`;
  const key = `not taken back at ${at.toString()}`;
  await tellWatch(records, live, { key, outcome: "not-taken-back", sentence, to, at, actor: systemActor });
}

/** What stood in breach when it was asked for: it does not ask again before it was over. */
function firing({ watch, memory }: ClaimedWatch): readonly string[] {
  return watch.triggers.map(({ name }) => name).filter((name) => memory.standings[name] === "breached");
}

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
import type { Done } from "#usecases/rollout/prepare.ts";
import { secondOf } from "#usecases/rollout/shift-traffic.ts";

export type Stopped =
  /** Instant at the target from which users were without the service. */
  { readonly done: true; readonly downSince: string; readonly second: number } | Refused;

/** Stops the version that users are on: the downtime begins. */
export async function stopFormer(
  deps: RolloutDeps,
  change: Change & { readonly control: string },
  key: string,
): Promise<Stopped> {
  const { control, fence } = change;
  // Asked before: the answer to the stop comes when the process has ended, and users missed it before that. A repetition
  // gets the first answer again, which is earlier than what it asks now.
  const before = await deps.deployer.observe(targetOf(change));
  if (!before.ok) return refusedBy(before.error);
  const wish = { ...targetOf(change), version: control, evenWithTraffic: true } as const;
  const stopped = await deps.deployer.stopVersion(wish, { key, fence });
  if (!stopped.ok) return refusedBy(stopped.error);
  await write(deps, change, {
    step: "stop-version",
    name: `stop ${control}`,
    phase: "done",
    sentence: `${change.service}@${control} is stopped with its traffic: users are without it until ${change.version} has taken over.`,
  });
  const [downSince = ""] = [before.value.observedAt, stopped.value.observedAt].toSorted((a, b) =>
    Temporal.Instant.compare(Temporal.Instant.from(a), Temporal.Instant.from(b)),
  );
  return { done: true, downSince, second: secondOf(downSince) - 1 };
}

/** How long users were without the service, from before the stop to all traffic on the new version. */
export async function sayDowntime(deps: RolloutDeps, change: Change, downSince: string, upAt: string): Promise<null> {
  const downtimeMs = Temporal.Instant.from(upAt).epochMilliseconds - Temporal.Instant.from(downSince).epochMilliseconds;
  const seconds = Math.round(downtimeMs / 100) / 10;
  const accepted = wayIn(change).downtimeSeconds;
  const against = accepted === null ? "" : `; ${accepted} s are accepted`;
  await write(deps, change, {
    step: "shift-traffic",
    name: "downtime",
    phase: accepted !== null && seconds > accepted ? "failed" : "info",
    sentence: `Users were without ${change.service} for ${seconds} s${against}.`,
    detail: { downtimeSeconds: seconds, acceptedSeconds: accepted },
  });
  return null;
}

/**
 * On the way back of a run that stopped the former version: the new one is stopped first, so that there are never two, and
 * the former one is started with the digest on record. Nothing is done where it runs.
 */
export async function raiseFormer(deps: RolloutDeps, change: Change, key: string): Promise<Done> {
  const { control, controlDigest, version, fence } = change;
  if (control === null) return { done: true };
  const seen = await deps.deployer.observe(targetOf(change));
  if (!seen.ok) return refusedBy(seen.error);
  const stateOf = (name: string) => seen.value.versions.find((each) => each.version === name)?.state;
  if (stateOf(control) === "ready") return { done: true };
  if (controlDigest === undefined || controlDigest === null) {
    const sentence = `The digest of ${change.service}@${control} is not on record, so it cannot be started again.`;
    return { done: false, code: "no-former-digest", sentence };
  }
  const isUp = stateOf(version) === "ready" || stateOf(version) === "starting";
  if (isUp) {
    const wish = { ...targetOf(change), version, evenWithTraffic: true } as const;
    const stopped = await deps.deployer.stopVersion(wish, { key: `${key}:stop`, fence });
    if (!stopped.ok) return refusedBy(stopped.error);
  }
  const wish = { ...targetOf(change), version: control, digest: controlDigest };
  const started = await deps.deployer.startVersion(wish, { key, fence });
  if (!started.ok) return refusedBy(started.error);
  if (started.value.state !== "ready") {
    const message = `${change.service}@${control} did not become ready again (${started.value.state}).`;
    throw new RepeatableFailure({ code: "not-ready", message, retry: "later" });
  }
  await write(deps, change, {
    step: "start-version",
    name: "start former version",
    phase: "done",
    sentence: `${change.service}@${control} runs again.`,
  });
  return { done: true };
}

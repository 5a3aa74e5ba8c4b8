import { placeScope } from "#core/policy/subject-scope.ts";
import { sayInstant } from "#core/policy/say.ts";
import { armedState, watchFor } from "#core/rollout/watch.ts";
import type { Records } from "#usecases/records.ts";
import type { Change } from "#usecases/rollout/change.ts";
import type { LiveWatch } from "#usecases/rollout/watch-records.ts";

/** The target is looked at this often: a breach that has lasted is acted on seconds later. */
export const lookEverySeconds = 2;

/**
 * A version that has gone live is watched from here on, where a `Watch` matches it; what was watched there before ends.
 * A version that was rolled back to was live before, and nothing takes it back by itself.
 */
export async function armWatch(records: Records, change: Change, at: Temporal.Instant): Promise<void> {
  const { deployment, service, environment, version, digest } = change;
  for (const former of await records.watches.supersede(service, environment)) {
    const reason = `${version} is live there.`;
    const isBack = former.memory.phase === "fired";
    const how = isBack ? "taken-back" : "superseded";
    const exit = { how, at: at.toString(), by: null, reason, criteria: [] } as const;
    const phase = isBack ? "fired" : "over";
    await records.watches.save({ ...former, memory: { ...former.memory, phase, exit }, lookAt: null });
  }
  const record = await records.deployments.find(deployment);
  if (record === null || record.subject.action === "roll-back") return;
  const organisation = await records.catalog.inForce();
  const [known, place] = [organisation.services.get(service), organisation.environments.get(environment)];
  if (known === undefined || place === undefined) return;
  const watch = watchFor(organisation.watches, placeScope(known, place));
  if (watch === null) return;
  const armedUntil = at.add({ seconds: watch.armedSeconds });
  const lasts = watch.stabilisation?.lastsSeconds ?? 0;
  const watchedUntil = at.add({ seconds: lasts === 0 ? 2 * watch.armedSeconds : Math.max(lasts, watch.armedSeconds) });
  const memory = { ...armedState(at), liveSecond: null, newest: null, budgetLeft: null, exit: null };
  const what = { deployment, service, environment, version, digest, watch, memory };
  const armed: LiveWatch = { ...what, liveAt: at, armedUntil, watchedUntil, prolonged: 0, lookAt: at };
  await records.watches.arm(armed);
  await records.timeline.append({
    deployment,
    at,
    step: "record",
    name: "watch after going live",
    phase: "started",
    sentence: `Watched by ${watch.name}: taken back by itself until ${sayInstant(armedUntil, place.zone)}, alerts until ${sayInstant(watchedUntil, place.zone)}.`,
    detail: { armedUntil: armedUntil.toString(), watchedUntil: watchedUntil.toString() },
  });
}

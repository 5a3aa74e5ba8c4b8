import { sayLimit, type Trigger } from "#core/rollout/triggers.ts";
import type { DeploymentId } from "#core/id.ts";
import type { Call } from "#usecases/operations.ts";
import { systemActor, type Records } from "#usecases/records.ts";
import type { AdmitDeps } from "#usecases/release/admit.ts";
import { openDecision } from "#usecases/rollback/open-decision.ts";
import { rollBackIn } from "#usecases/rollout/roll-back-deployment.ts";
import { tellWatch } from "#usecases/rollout/tell-watch.ts";
import type { LiveWatch } from "#usecases/rollout/watch-records.ts";

/**
 * Asks for the version of before, as a person would: the same judgement, the same run, verified at the target. Where the
 * plan of the service says that there is no way back any more, or names who decides, nothing is done without them.
 * False: it is not on its way back.
 */
export async function takeLiveBack(
  deps: AdmitDeps,
  records: Records,
  live: LiveWatch,
  trigger: Trigger,
  at: Temporal.Instant,
): Promise<boolean> {
  const what = `${live.service}@${live.version} in ${live.environment}`;
  const breach = `${trigger.name} is ${sayLimit(trigger)}`;
  const stabilisation = live.watch.stabilisation;
  const to = [stabilisation?.watcher, stabilisation?.escalate].flatMap((name) => name ?? []);
  const plan = (await records.catalog.inForce()).rollbacks.get(live.service);
  const noReturn = plan?.plan.pointOfNoReturn ?? null;
  const protocol = plan?.decision ?? null;
  if (protocol !== null) {
    const deployment = { id: live.deployment, subject: { service: live.service } };
    await openDecision(deps, records, { deployment, cause: "alert", because: `${what}: ${breach}.`, noReturn });
    const sentence = `${what}: ${breach}. By its plan ${protocol.decider} decides, so it is not taken back by itself.`;
    await tellWatch(records, live, { key: "decide", outcome: "decide", sentence, to, at });
    return false;
  }
  if (noReturn !== null) {
    const sentence = `${what}: ${breach}. There is no way back any more, so it is not taken back: ${noReturn.why}`;
    await tellWatch(records, live, { key: "no way back", outcome: "no-way-back", sentence, to, at });
    return false;
  }
  const reason = `${breach} within the window in which ${live.watch.name} takes it back.`;
  const asked = await rollBackIn(deps, records, { id: live.deployment, reason }, backCall(live.deployment));
  const sentence = asked.ok
    ? `${what}: ${breach}. The version of before is asked for: ${asked.value}.`
    : `${what}: ${breach}. It cannot be taken back by itself: ${sayWhy[asked.error]}.`;
  await tellWatch(records, live, { key: "take back", outcome: asked.ok ? "roll-back" : asked.error, sentence, to, at });
  return asked.ok || asked.error === "already-open" || asked.error === "not-live";
}

/** In the name of the system, once for each version. */
export function backCall(deployment: DeploymentId): Call & { readonly key: string } {
  const key = `watch:${deployment}`;
  return { actor: systemActor, requestId: key, key };
}

const sayWhy = {
  "no-such-deployment": "its deployment is gone",
  "still-open": "its deployment has not ended",
  "not-live": "another version is live there",
  "nothing-to-roll-back-to": "no version was live before it",
  "already-open": "the version of before is on its way already",
} as const;

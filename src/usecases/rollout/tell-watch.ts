import { systemActor, type Actor, type Records } from "#usecases/records.ts";
import type { LiveWatch } from "#usecases/rollout/watch-records.ts";

export interface WatchWord {
  /** Told once under each key. */
  readonly key: string;
  readonly outcome: string;
  readonly sentence: string;
  /** Persons, teams and roles besides whoever asked for the deployment. */
  readonly to: readonly string[];
  readonly at: Temporal.Instant;
  readonly actor?: Actor;
  readonly reason?: string;
}

/** On the timeline, in the record, and to whom it concerns; a repeated word is said once. */
export async function tellWatch(records: Records, live: LiveWatch, word: WatchWord): Promise<void> {
  const { deployment } = live;
  const { key, outcome, sentence, at, actor = systemActor, reason } = word;
  const isNew = await records.timeline.append({
    deployment,
    at,
    step: "record",
    name: `watch: ${key}`,
    phase: "info",
    sentence,
    detail: { outcome },
  });
  if (!isNew) return;
  await records.audit.append({
    at,
    actor,
    action: "deployment.watch",
    object: deployment,
    outcome,
    reason: reason ?? sentence,
    verdict: null,
    requestId: null,
    before: null,
    after: { standings: live.memory.standings },
  });
  const requester = (await records.deployments.find(deployment))?.subject.requestedBy;
  const recipients = new Set([...word.to, ...(requester === undefined || requester === null ? [] : [requester])]);
  for (const recipient of recipients) await records.watches.tell({ deployment, key, at, recipient, sentence });
}

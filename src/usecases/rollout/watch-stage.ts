import type { Stage } from "#core/rollout/strategy.ts";
import { criteriaOfStage, withCriteria } from "#usecases/rollout/criteria-of-stage.ts";
import { targetOf, write, type Change, type RolloutDeps } from "#usecases/rollout/change.ts";
import {
  lookEveryMs,
  openView,
  outcomeOf,
  takeIn,
  type Since,
  type View,
  type Watched,
} from "#usecases/rollout/traffic-view.ts";

/**
 * Watches one stage until it has passed, is proven worse, or has run out of time. One step of the run: after a crash
 * it counts again from the same second, by the target's own numbers, and comes to the same end.
 */
export async function watchStage(deps: RolloutDeps, change: Change, stage: Stage, since: Since): Promise<Watched> {
  const view = openView(since);
  const criteria = criteriaOfStage(deps, change, stage, since);
  for (;;) {
    const [abortedBy, standings] = await Promise.all([look(deps, change, stage, since, view), criteria.look()]);
    const results = criteria.changed();
    if (results.length > 0) await deps.transact((records) => records.criteria.keep(change.deployment, results));
    if (abortedBy !== null)
      return await conclude(deps, change, stage, {
        outcome: "aborted",
        sentence: `${abortedBy} aborted the deployment.`,
      });
    const seconds = view.nextSecond - since.stageSince;
    const watched = withCriteria(stage, { watched: outcomeOf(change, stage, since, view), standings, seconds });
    if (watched !== null) return await conclude(deps, change, stage, watched);
    await deps.pause(lookEveryMs);
  }
}

/** One look: new seconds from the target into the judge and into the record; returns who asked to abort, if anybody. */
async function look(
  deps: RolloutDeps,
  change: Change,
  { percent }: Stage,
  since: Since,
  view: View,
): Promise<string | null> {
  const askedAt = deps.now();
  const traffic = await deps.deployer.traffic({ ...targetOf(change), since: view.nextSecond });
  const tookMs = askedAt.until(deps.now()).total("milliseconds");
  const { samples, looks } = takeIn(change, since, view, traffic, tookMs);
  const judged = looks.map((one) => ({ ...one, percent }));
  return await deps.keepSight({ deployment: change.deployment, samples, looks: judged });
}

async function conclude(deps: RolloutDeps, change: Change, stage: Stage, watched: Watched): Promise<Watched> {
  const phase = watched.outcome === "healthy" ? "done" : watched.outcome === "worse" ? "failed" : "info";
  await write(deps, change, {
    step: "observe",
    name: `watch ${stage.percent} %`,
    phase,
    sentence: watched.sentence,
    detail: { outcome: watched.outcome },
  });
  return watched;
}

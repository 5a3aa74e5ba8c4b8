import type { ActAnswer } from "#core/plan/act-request.ts";
import { answered, failedBy } from "#usecases/plan/acts/answer.ts";
import { seenIn } from "#usecases/plan/acts/set-shares.ts";
import { standingOf } from "#usecases/plan/make-act.ts";
import type { ActDeps, ActOf } from "#usecases/plan/act-deps.ts";
import { watchCriteria, type CriteriaWatch } from "#usecases/criteria/watch-criteria.ts";
import { sayOpen, withCriteria } from "#usecases/rollout/criteria-of-stage.ts";
import { lookEveryMs, openView, outcomeOf, takeIn, type Watched } from "#usecases/rollout/traffic-view.ts";

/** The answer has to be there before the time-out of the step, which would say nothing of what was seen. */
const lastLookBefore = { seconds: 3 } as const;

/**
 * Watches a version by the target's own counts, with the judge of every deployment: no evidence of harm after enough
 * time and requests, and all criteria of the step passed, is `done`; proven worse, or a criterion that fails, is `failed`. What is not enough evidence, and a target without metrics, hold
 * the position (nothing changes here) and end as `failed` when the time is over: no data is never success. After a crash
 * it counts again from the same second and comes to the same end.
 */
export async function watchTraffic(deps: ActDeps, act: ActOf<"observe">): Promise<ActAnswer> {
  const { id, request } = act;
  const { environment, service, version } = request;
  const first = await deps.deployer.observe({ environment, service });
  if (!first.ok) return failedBy(first.error);
  // The second in which it is looked at first may have begun with other shares.
  const { shares, second } = await deps.transact((records) => records.acts.noteBefore(id, seenIn(first.value)));
  const since = { canarySince: second + 1, stageSince: second + 1 };
  const stage = { ...request, percent: shares[version] ?? 0 };
  const view = openView(since);
  const criteria = criteriaOf(deps, act, since.stageSince);
  const last = Temporal.Instant.from(act.deadline).subtract(lastLookBefore);
  for (;;) {
    const [traffic, standings] = await Promise.all([
      deps.deployer.traffic({ environment, service, since: view.nextSecond }),
      criteria.look(),
    ]);
    takeIn(request, since, view, traffic);
    const results = criteria.changed();
    if (results.length > 0) await deps.transact((records) => records.criteria.keepOfRun(id, results));
    const watched = outcomeOf(request, stage, since, view);
    const seen = withCriteria(stage, { watched, standings, seconds: view.nextSecond - since.stageSince });
    if (seen !== null && seen.outcome !== "blind") return toAnswer(request, seen);
    if (Temporal.Instant.compare(deps.now(), last) >= 0) {
      const open = standings.length === 0 ? "" : ` ${sayOpen(standings)}`;
      const sentence = seen?.sentence ?? `There was not enough evidence on ${service}@${version} in time.${open}`;
      return toAnswer(request, { outcome: "not-enough", sentence });
    }
    if ((await standingOf(deps.transact, id)) !== "open") return answered("cancelled", "The run turned back.");
    await deps.pause(lookEveryMs);
  }
}

function criteriaOf(deps: ActDeps, { id, request }: ActOf<"observe">, sinceSecond: number): CriteriaWatch {
  const { environment, service, version, control, criteria = [], zone = "UTC" } = request;
  const subject = { service, environment, version, control, zone };
  return watchCriteria({ ...deps.metrics, pause: deps.pause }, criteria, subject, { stage: id.name, sinceSecond });
}

/** With criteria the outcome is one of theirs: pass, fail or inconclusive. */
function toAnswer({ criteria = [] }: ActOf<"observe">["request"], { outcome, sentence }: Watched): ActAnswer {
  const isByCriteria = criteria.length > 0;
  if (outcome === "healthy") return answered("done", isByCriteria ? `Pass: ${sentence}` : sentence);
  if (outcome === "worse") return answered("failed", isByCriteria ? `Fail: ${sentence}` : sentence);
  return answered("failed", `${isByCriteria ? "Inconclusive" : "Not enough evidence"}: ${sentence}`);
}

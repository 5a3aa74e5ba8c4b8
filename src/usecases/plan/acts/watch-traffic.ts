import type { ActAnswer } from "#core/plan/act-request.ts";
import { answered, failedBy } from "#usecases/plan/acts/answer.ts";
import { seenIn } from "#usecases/plan/acts/set-shares.ts";
import { standingOf } from "#usecases/plan/make-act.ts";
import type { ActDeps, ActOf } from "#usecases/plan/act-deps.ts";
import { lookEveryMs, openView, outcomeOf, takeIn, type Watched } from "#usecases/rollout/traffic-view.ts";

/** The answer has to be there before the time-out of the step, which would say nothing of what was seen. */
const lastLookBefore = { seconds: 3 } as const;

/**
 * Watches a version by the target's own counts, with the judge of every deployment: no evidence of harm after enough
 * time and requests is `done`; proven worse is `failed`. What is not enough evidence, and a target without metrics, hold
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
  const last = Temporal.Instant.from(act.deadline).subtract(lastLookBefore);
  for (;;) {
    const traffic = await deps.deployer.traffic({ environment, service, since: view.nextSecond });
    takeIn(request, since, view, traffic);
    const seen = outcomeOf(request, stage, since, view);
    if (seen !== null && seen.outcome !== "blind") return toAnswer(seen);
    if (Temporal.Instant.compare(deps.now(), last) >= 0) {
      const sentence = seen?.sentence ?? `There was not enough evidence on ${service}@${version} in time.`;
      return toAnswer({ outcome: "not-enough", sentence });
    }
    if ((await standingOf(deps.transact, id)) !== "open") return answered("cancelled", "The run turned back.");
    await deps.pause(lookEveryMs);
  }
}

function toAnswer({ outcome, sentence }: Watched): ActAnswer {
  if (outcome === "healthy") return answered("done", sentence);
  return answered("failed", outcome === "worse" ? sentence : `Not enough evidence: ${sentence}`);
}

import type { Criterion } from "#core/criteria/criterion.ts";
import { joinJudgements } from "#core/criteria/judge-criterion.ts";
import type { Stage } from "#core/rollout/strategy.ts";
import { watchCriteria, type CriteriaWatch, type Standing } from "#usecases/criteria/watch-criteria.ts";
import type { Change, RolloutDeps } from "#usecases/rollout/change.ts";
import type { Since, Watched } from "#usecases/rollout/traffic-view.ts";

/** What the success criteria of the change say while one stage is watched. */
export function criteriaOfStage(deps: RolloutDeps, change: Change, stage: Stage, since: Since): CriteriaWatch {
  const { service, environment, version, control } = change;
  const subject = { service, environment, zone: change.zone ?? "UTC", version, control };
  const about = { stage: `${stage.percent} %`, sinceSecond: since.stageSince };
  const criteria = criteriaAt(change.criteria ?? [], stage, change.stages);
  return watchCriteria({ ...deps.metrics, pause: deps.pause }, criteria, subject, about);
}

/**
 * With all the traffic at the new version the former one serves nobody, so nothing can be compared with it any more: what was
 * compared at smaller shares is not asked again, and limits still hold. Where there was no smaller share the comparison stays
 * demanded, and is inconclusive.
 */
export function criteriaAt(
  criteria: readonly Criterion[],
  stage: Stage,
  stages: readonly Stage[],
): readonly Criterion[] {
  const wasCompared = stages.some(({ percent }) => percent > 0 && percent < 100);
  if (stage.percent < 100 || !wasCompared) return criteria;
  return criteria.flatMap((rule) => {
    const against = rule.against.filter(({ kind }) => kind !== "control");
    return rule.limit === null && against.length === 0 ? [] : [{ ...rule, against }];
  });
}

/** Beyond the end of the longest window: sources collect in intervals of their own. */
const settleSeconds = 30;

/**
 * The stage as a whole: a breach of a criterion counts at once, whatever the canary's judge says; the stage passes only with all
 * criteria, and waits for them for as long as their windows need. What is then inconclusive, or flagged, holds.
 */
export function withCriteria(
  stage: Stage,
  seen: { readonly watched: Watched | null; readonly standings: readonly Standing[]; readonly seconds: number },
): Watched | null {
  const { watched, standings, seconds } = seen;
  const judged = standings.flatMap(({ judgement }) => judgement ?? []);
  const failed = judged.filter(({ outcome }) => outcome === "fail").map(({ sentence }) => sentence);
  if (failed.length > 0) return { outcome: "worse", sentence: `At ${stage.percent} % ${failed.join(" ")}` };
  if (watched === null || watched.outcome !== "healthy" || standings.length === 0) return watched;
  const all = joinJudgements(standings.map(({ judgement }) => judgement ?? { outcome: "inconclusive" }));
  if (all === "pass") return { ...watched, sentence: `${watched.sentence} ${sayAll(standings)}` };
  if (all === "flagged") return { outcome: "not-enough", sentence: `At ${stage.percent} % ${sayOpen(standings)}` };
  const windows = standings.map(({ rule }) => rule.windowSeconds);
  if (seconds < Math.max(stage.maxSeconds, ...windows.map((window) => window + settleSeconds))) return null;
  return { outcome: "not-enough", sentence: `At ${stage.percent} % ${sayOpen(standings)}` };
}

function sayAll(standings: readonly Standing[]): string {
  return `Criteria: ${standings.map(({ judgement }) => judgement?.sentence ?? "").join(" ")}`;
}

/** What does not pass, and why. */
export function sayOpen(standings: readonly Standing[]): string {
  const open = standings.filter(({ judgement }) => judgement?.outcome !== "pass");
  return open.map(({ rule, judgement }) => judgement?.sentence ?? `${rule.name} has no answer yet.`).join(" ");
}

import { sayInstant } from "#core/policy/say.ts";
import type { Stage } from "#core/rollout/strategy.ts";
import type { Change, RolloutDeps } from "#usecases/rollout/change.ts";
import type { HeldDecision } from "#usecases/rollout/decide-held.ts";
import type { Records } from "#usecases/records.ts";

/** How long a run without enough evidence holds its position before it goes back by itself. */
const holdFor = { minutes: 30 } as const;

/** Puts the run on hold, for everybody to see; returns the instant at which it goes back when nobody decides. */
export async function beginHold(
  deps: Pick<RolloutDeps, "now">,
  records: Records,
  change: Change,
  stage: Stage,
  seen: { readonly sentence: string },
): Promise<string> {
  const at = deps.now();
  const until = at.add(holdFor).toString();
  const because = seen.sentence.replace(`At ${stage.percent} % `, "");
  const sentence = `Holds at ${stage.percent} %: ${because} Somebody may let it go on or take it back; it goes back by itself at ${sayInstant(at.add(holdFor), null)}.`;
  await records.deployments.note(change.deployment, { held: sentence });
  await records.timeline.append({
    deployment: change.deployment,
    at,
    step: "wait",
    name: `hold at ${stage.percent} %`,
    phase: "started",
    sentence,
    detail: { until },
  });
  return until;
}

/** Takes it off hold again, with who decided what; null when nobody did in time. */
export async function endHold(
  deps: Pick<RolloutDeps, "now">,
  records: Records,
  change: Change,
  stage: Stage,
  decision: HeldDecision | null,
): Promise<null> {
  const sentence =
    decision === null
      ? "Nobody decided in time: it goes back."
      : `${decision.person} decided: ${decision.decision === "go-on" ? "it goes on" : "it goes back"}.`;
  await records.deployments.note(change.deployment, { held: null });
  await records.timeline.append({
    deployment: change.deployment,
    at: deps.now(),
    step: "wait",
    name: `hold at ${stage.percent} %`,
    phase: "done",
    sentence,
    detail: decision,
  });
  return null;
}

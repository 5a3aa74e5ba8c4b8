import { z } from "zod";
import type { canaryPicture } from "#contract/canary.ts";
import type { DeepReadonly } from "#api/handler.ts";
import type { StageLook } from "#core/rollout/looks.ts";
import type { TimelineEvent } from "#usecases/records.ts";

type Picture = DeepReadonly<z.input<typeof canaryPicture>>;
type Stage = Picture["stages"][number];

const plan = z.object({
  plan: z
    .array(z.object({ percent: z.number(), minSeconds: z.number(), maxSeconds: z.number(), minRequests: z.number() }))
    .min(1),
});
const shares = z.object({ stages: z.array(z.number()).min(1) });

/** The stages as the run fixed them at its start; runs of before kept their shares alone. */
function plannedStages(timeline: readonly TimelineEvent[]): readonly Omit<Stage, "place" | "seconds" | "requests">[] {
  const detail = timeline.find(({ step }) => step === "lock")?.detail;
  const whole = plan.safeParse(detail);
  if (whole.success) {
    return whole.data.plan.map(({ percent, minSeconds, maxSeconds, minRequests }) => ({
      percent,
      minSeconds,
      maxSeconds,
      minRequests,
    }));
  }
  const bare = shares.safeParse(detail);
  const unknown = { minSeconds: null, maxSeconds: null, minRequests: null };
  return bare.success ? bare.data.stages.map((percent) => ({ percent, ...unknown })) : [];
}

/** Where the run is among its stages, and what each of them has seen. */
export function presentStages(timeline: readonly TimelineEvent[], looks: readonly StageLook[]): readonly Stage[] {
  const isBack = timeline.some(({ step }) => step === "roll-back");
  const isOver = timeline.some(({ step }) => step === "record");
  const shifted = timeline.filter(({ step, phase }) => step === "shift-traffic" && phase === "done");
  const stages = plannedStages(timeline);
  const reached = Math.min(shifted.length, stages.length) - 1;
  return stages.map((stage, index) => {
    const seen = looks.findLast(({ percent }) => percent === stage.percent);
    const isLast = index === reached;
    const place = index > reached ? "ahead" : !isLast ? "passed" : isBack ? "left" : isOver ? "passed" : "present";
    return { ...stage, place, seconds: seen?.stageSeconds ?? 0, requests: seen?.stageRequests ?? 0 };
  });
}

/** What the judge says now. Time is told by the traffic of the stage: it is what the next requests come by. */
export function presentNow(looks: readonly StageLook[]): Picture["now"] {
  const last = looks.at(-1);
  if (last === undefined) return null;
  const { outcome, canaryRequests, furtherRequests, stageRequests, stageSeconds, holds } = last;
  const perSecond = stageRequests / stageSeconds;
  const isTold = furtherRequests !== null && perSecond > 0;
  return {
    outcome,
    canaryRequests,
    furtherRequests,
    furtherSeconds: isTold ? Math.ceil(furtherRequests / perSecond) : null,
    holds,
  };
}

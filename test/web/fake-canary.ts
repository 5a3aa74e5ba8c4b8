import type { z } from "zod";
import type { canaryPicture } from "#contract/canary.ts";
import { createJudge, defaultJudgeSettings } from "#core/rollout/judge.ts";
import { lookOf, observePicture, pictureFrames, startPicture } from "#core/rollout/looks.ts";
import type { DeploymentDetail } from "#web/release/deployment.ts";
import type { TrafficSeries } from "#web/rollout/traffic.ts";

type Picture = z.infer<typeof canaryPicture>;
type Sample = TrafficSeries["samples"][number];

const judge = createJudge(defaultJudgeSettings);

/** What the real judge makes of the samples of a scene, as the server would tell it. */
export function canaryOf(it: DeploymentDetail, samples: readonly Sample[], asOf: string): Picture {
  let state = judge.initial;
  let picture = startPicture(defaultJudgeSettings);
  const seconds = [...new Set(samples.map(({ second }) => second))].toSorted((a, b) => a - b);
  const looks = seconds.map((second) => {
    const next = judge.observe(state, {
      control: countsAt(samples, second, "control"),
      canary: countsAt(samples, second, "canary"),
    });
    picture = observePicture(picture, state, next);
    state = next;
    return lookOf(second, judge.verdict(state), picture, defaultJudgeSettings.alpha);
  });
  const last = looks.at(-1);
  const abort = it.actions.find(({ name }) => name === "abort") ?? { name: "abort", allowed: false, because: "No." };
  return {
    deployment: it.id,
    state: it.state,
    control: it.control,
    canary: it.version,
    alpha: defaultJudgeSettings.alpha,
    metrics: [...pictureFrames(defaultJudgeSettings)],
    stages: stagesOf(it),
    now:
      last === undefined
        ? null
        : {
            outcome: last.outcome,
            canaryRequests: last.canaryRequests,
            furtherRequests: last.furtherRequests,
            furtherSeconds: last.furtherRequests === null ? null : Math.ceil(last.furtherRequests / 10),
            holds: [...last.holds],
          },
    looks: looks.map(({ second, metrics }) => ({ second, percent: it.percent, metrics: [...metrics] })),
    abort: { action: abort, people: ["ann", "carol", "dave"], more: 4 },
    asOf,
  };
}

function stagesOf({ percent, state }: DeploymentDetail): Picture["stages"] {
  return [5, 25, 50, 100].map((share) => {
    const isHere = share === percent || (percent === 0 && share === 5);
    const place = share < percent ? "passed" : !isHere ? "ahead" : state === "running" ? "present" : "left";
    const limits = { minSeconds: 60, maxSeconds: 900, minRequests: 700 };
    return { percent: share, place, ...limits, seconds: isHere ? 67 : 0, requests: isHere ? 640 : 0 };
  });
}

function countsAt(samples: readonly Sample[], second: number, arm: Sample["arm"]) {
  const one = samples.find((sample) => sample.second === second && sample.arm === arm);
  const requests = one?.requests ?? 0;
  const slow = Math.floor(requests / 10);
  return { requests, errors: one?.errors ?? 0, latency: [requests - slow, slow] };
}

import type { RolloutMethod } from "#core/rollout/method.ts";
import { apartReasons, unsaidWriters } from "#core/rollout/side-by-side.ts";

export const rolling: RolloutMethod = {
  id: "rolling",
  title: "Rolling",
  summary:
    "The new version takes over step by step as soon as it is ready, without waiting for a sample; proven harm still takes it back.",
  base: 60,
  wayBackSeconds: 30,
  needsSample: false,
  exclusions: (about) => [...apartReasons(about), ...unsaidWriters(about)],
  weights: ({ traits }) => [
    ...(traits.impact === "high"
      ? [{ points: -20, sentence: "a defect of high impact reaches more users with every step, judged or not" }]
      : []),
    ...(traits.versionMetrics === false
      ? [{ points: 5, sentence: "it asks for no comparison of versions that the metrics cannot give" }]
      : []),
  ],
  // Readiness is what it goes by: no requests are no reason to stand still.
  stages: ({ stages }) => stages.map((stage) => ({ ...stage, minRequests: 0 })),
};

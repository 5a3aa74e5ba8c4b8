import type { RolloutMethod } from "#core/rollout/method.ts";
import { apartReasons } from "#core/rollout/side-by-side.ts";

export const canary: RolloutMethod = {
  id: "canary",
  title: "Canary",
  summary: "A small share or a cohort meets the new version first, compared with the old one until there is evidence.",
  base: 80,
  wayBackSeconds: 30,
  needsSample: true,
  exclusions: (about) => {
    const { service, traits } = about;
    if (traits.versionMetrics !== false) return apartReasons(about);
    return [
      ...apartReasons(about),
      {
        code: "no-version-metrics",
        sentence: `the metrics of ${service} do not tell versions apart, so a canary cannot be compared until they do`,
        remedy: "Label the metrics with the version and set rollout.versionMetrics of the service to true.",
      },
    ];
  },
  weights: ({ traits }) => [
    ...(traits.impact === "high"
      ? [{ points: 15, sentence: "a defect of high impact meets few users before it is found" }]
      : []),
    ...(traits.sessions === "sticky"
      ? [{ points: -10, sentence: "sessions that live in a process move when a share changes" }]
      : []),
  ],
  stages: ({ stages }) => stages,
};

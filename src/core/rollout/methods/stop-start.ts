import type { Exclusion, RolloutMethod } from "#core/rollout/method.ts";

export const stopStart: RolloutMethod = {
  id: "stop-start",
  title: "Stop and start",
  summary: "The old version is stopped, then the new one is started; users are without the service in between.",
  base: 20,
  wayBackSeconds: 60,
  needsSample: false,
  exclusions: ({ service, traits }): readonly Exclusion[] => {
    if (traits.downtimeSeconds !== undefined && traits.downtimeSeconds > 0) return [];
    const isSaid = traits.downtimeSeconds !== undefined;
    return [
      {
        code: isSaid ? "no-downtime" : "downtime-unknown",
        sentence: isSaid
          ? `users of ${service} accept no downtime`
          : `nobody has said how much downtime users of ${service} accept`,
        remedy:
          "Agree on a downtime with them and set rollout.downtimeSeconds of the service, or choose another method.",
      },
    ];
  },
  weights: ({ traits }) => [
    ...(traits.writers === "single" ? [{ points: 10, sentence: "never two versions at a time" }] : []),
    ...(traits.sessions === "sticky" ? [{ points: -10, sentence: "every session ends" }] : []),
    ...(traits.impact === "high" ? [{ points: -10, sentence: "a defect of high impact meets everybody at once" }] : []),
  ],
  stages: ({ stages }) => stages,
};

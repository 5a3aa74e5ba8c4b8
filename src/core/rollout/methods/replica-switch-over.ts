import type { RolloutMethod } from "#core/rollout/method.ts";

export const replicaSwitchOver: RolloutMethod = {
  id: "replica-switch-over",
  title: "Replica switch-over",
  summary:
    "A replica is brought to the new version and takes over as the one that writes; the former one stays behind it.",
  base: 50,
  wayBackSeconds: 120,
  needsSample: false,
  exclusions: ({ environment, place }) =>
    place.replicas === true
      ? []
      : [
          {
            code: "no-replicas",
            sentence: `services in ${environment} have no replica that could take over`,
            remedy: "Set rollout.replicas of the environment to true where there are some, or choose another method.",
          },
        ],
  weights: ({ traits }) => [
    ...(traits.writers === "single" ? [{ points: 40, sentence: "one writer at a time is what it is made for" }] : []),
    ...(traits.volumes === true ? [{ points: 10, sentence: "each replica has a volume of its own" }] : []),
  ],
  stages: ({ stages }) => stages,
};

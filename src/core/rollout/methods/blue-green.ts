import type { Exclusion, RolloutMethod } from "#core/rollout/method.ts";
import { apartReasons, unsaidWriters } from "#core/rollout/side-by-side.ts";
import { defaultHoldSeconds } from "#core/rollout/strategy.ts";

/** As long as a person takes to decide that all is well, and to press the button otherwise. */
const quickSeconds = 60;

export const blueGreen: RolloutMethod = {
  id: "blue-green",
  title: "Blue-green",
  summary:
    "The new version is verified with no users, gets all new sessions in one cut-over, and the old one finishes its own and stays at hand.",
  base: 70,
  wayBackSeconds: 30,
  needsSample: false,
  exclusions: (about) => {
    const { service, traits, routing } = about;
    // Sessions that nobody has spoken about are taken for those that need care.
    const areTheirs = traits.sessions === undefined || traits.sessions === "sticky";
    const cannotStick: readonly Exclusion[] =
      areTheirs && routing !== null && !routing.sticky
        ? [
            {
              code: "sessions-would-end",
              sentence: `${routing.driver} cannot keep the sessions of ${service} at their version, and the cut-over would end them`,
              remedy:
                "Choose another driver, move the sessions to a store that versions share, or say rollout.sessions: none.",
            },
          ]
        : [];
    return [...apartReasons(about), ...unsaidWriters(about), ...cannotStick];
  },
  weights: ({ traits }) => [
    ...(traits.sessions === "sticky"
      ? [{ points: 10, sentence: "sessions end where they began, and nobody is logged out" }]
      : []),
    ...(traits.rollbackSeconds !== undefined && traits.rollbackSeconds <= quickSeconds
      ? [{ points: 15, sentence: "the way back is one switch while the old version is at hand" }]
      : []),
    ...(traits.impact === "high"
      ? [{ points: -15, sentence: "a defect of high impact meets all new sessions at once" }]
      : []),
  ],
  // The time for which the old colour is kept is the time for which the new one is watched with all the traffic.
  stages: ({ stages, holdSeconds = defaultHoldSeconds }) =>
    stages.map((stage) => {
      const minSeconds = Math.max(stage.minSeconds, holdSeconds);
      return { ...stage, minSeconds, maxSeconds: Math.max(stage.maxSeconds, minSeconds + stage.maxSeconds) };
    }),
};

import type { Exclusion, RolloutCase } from "#core/rollout/method.ts";

/** Why the old and the new version cannot run at the same time; asked by every method that has both. */
export function apartReasons({ service, environment, traits, place }: RolloutCase): readonly Exclusion[] {
  const reasons: Exclusion[] = [];
  if (traits.writers === "single") {
    reasons.push({
      code: "single-writer",
      sentence: `${service} has a single writer, and two versions at a time would both write`,
      remedy: "Choose a method with one version at a time: replica-switch-over or stop-start.",
    });
  }
  if (traits.volumes === true) {
    reasons.push({
      code: "own-volume",
      sentence: `${service} keeps data on a volume that only one process can have`,
      remedy: "Choose replica-switch-over or stop-start, or move the data off the volume.",
    });
  }
  if (place.parallel === false) {
    reasons.push({
      code: "no-room",
      sentence: `${environment} has no room for two versions of a service at a time`,
      remedy: "Choose stop-start, or make room and set rollout.parallel of the environment to true.",
    });
  }
  return reasons;
}

/** The canary has been the rule for services that say nothing; every other method is asked for, and must be known to fit. */
export function unsaidWriters({ service, traits }: RolloutCase): readonly Exclusion[] {
  if (traits.writers !== undefined) return [];
  return [
    {
      code: "writers-unknown",
      sentence: `nobody has said how many processes may write the state of ${service}`,
      remedy: "Set rollout.writers of the service to none, single or many.",
    },
  ];
}

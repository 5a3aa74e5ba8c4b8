import type { RolloutMethod } from "#core/rollout/method.ts";
import { blueGreen } from "#core/rollout/methods/blue-green.ts";
import { canary } from "#core/rollout/methods/canary.ts";
import { replicaSwitchOver } from "#core/rollout/methods/replica-switch-over.ts";
import { rolling } from "#core/rollout/methods/rolling.ts";
import { stopStart } from "#core/rollout/methods/stop-start.ts";
import type { MethodId } from "#core/rollout/strategy.ts";

/** Every way to roll a version out: a closed set, by name. A test compares it with the folder. */
export const rolloutMethods: Readonly<Record<MethodId, RolloutMethod>> = {
  canary,
  "blue-green": blueGreen,
  rolling,
  "replica-switch-over": replicaSwitchOver,
  "stop-start": stopStart,
};

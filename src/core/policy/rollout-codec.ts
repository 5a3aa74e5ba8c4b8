import type { PlaceAbilities } from "#core/catalog/environment.ts";
import { impacts, sessionKinds, writerKinds, type RolloutTraits } from "#core/catalog/service.ts";
import type { Scope } from "#core/catalog/scope.ts";
import { extended, flag, list, number, object, oneOf, partial, text, type Decoder } from "#core/policy/decode.ts";
import {
  atLimits,
  methodIds,
  type HowItRolls,
  type SessionLimits,
  type Stage,
  type Strategy,
} from "#core/rollout/strategy.ts";

/** What facts say about how a version is rolled out. */
export const rolloutTraits = partial<RolloutTraits>({
  writers: oneOf(writerKinds),
  volumes: flag,
  sessions: oneOf(sessionKinds),
  versionMetrics: flag,
  rollbackSeconds: number,
  impact: oneOf(impacts),
  downtimeSeconds: number,
});

export const placeAbilities = partial<PlaceAbilities>({ parallel: flag, replicas: flag });

const stage = object<Stage>({ percent: number, minSeconds: number, maxSeconds: number, minRequests: number });

export function strategyDecoder(scope: Decoder<Scope>): Decoder<Strategy> {
  type Plain = Omit<Strategy, keyof HowItRolls>;
  return extended<Plain, HowItRolls>(object<Plain>({ name: text, scope, priority: number, stages: list(stage) }), {
    method: oneOf(methodIds),
    cohort: text,
    sessions: extended<Omit<SessionLimits, "atLimit">, Pick<SessionLimits, "atLimit">>(
      object({ idleSeconds: number, drainSeconds: number }),
      { atLimit: oneOf(atLimits) },
    ),
    holdSeconds: number,
  });
}

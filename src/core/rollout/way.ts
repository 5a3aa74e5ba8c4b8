import type { RolloutTraits } from "#core/catalog/service.ts";
import {
  defaultHoldSeconds,
  defaultSessions,
  methodOf,
  type MethodId,
  type SessionLimits,
  type Strategy,
} from "#core/rollout/strategy.ts";

/** How one run brings its version to users, fixed when it begins; survives JSON. */
export interface RolloutWay {
  readonly method: MethodId;
  readonly cohort: string | null;
  /** How long sessions of the former version are waited for; null: none has to be kept. */
  readonly sessions: SessionLimits | null;
  /** For so long the former version stays at hand after the cut-over. */
  readonly holdSeconds: number;
  /** What users accept to be without the service; null: nobody has said. */
  readonly downtimeSeconds: number | null;
}

/** Of runs that began before there were others. */
export const plainCanary: RolloutWay = {
  method: "canary",
  cohort: null,
  sessions: null,
  holdSeconds: 0,
  downtimeSeconds: null,
};

export function wayOf(strategy: Strategy, traits: RolloutTraits): RolloutWay {
  const method = methodOf(strategy);
  const downtimeSeconds = traits.downtimeSeconds ?? null;
  if (method !== "blue-green") return { ...plainCanary, method, cohort: strategy.cohort ?? null, downtimeSeconds };
  // Sessions that nobody has spoken about are kept: that costs time and ends none.
  const areTheirs = traits.sessions === undefined || traits.sessions === "sticky";
  const sessions = areTheirs ? (strategy.sessions ?? defaultSessions) : null;
  return { method, cohort: null, sessions, holdSeconds: strategy.holdSeconds ?? defaultHoldSeconds, downtimeSeconds };
}

/** What decides beside the shares. */
export interface ShiftRules {
  readonly sticky?: { readonly idleSeconds: number };
  readonly cohorts?: Readonly<Record<string, string>>;
}

/** The rules that go with a share of the version: its cohort until it has everything, sessions where they are kept. */
export function rulesAt({ cohort, sessions }: RolloutWay, version: string, percent: number): ShiftRules {
  return {
    ...(sessions === null ? {} : { sticky: { idleSeconds: sessions.idleSeconds } }),
    ...(cohort === null || percent === 100 ? {} : { cohorts: { [cohort]: version } }),
  };
}

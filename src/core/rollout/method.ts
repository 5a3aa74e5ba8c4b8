import type { PlaceAbilities } from "#core/catalog/environment.ts";
import type { RolloutTraits } from "#core/catalog/service.ts";
import type { MethodId, Stage, Strategy } from "#core/rollout/strategy.ts";
import type { TrafficAbilities } from "#core/rollout/traffic-abilities.ts";

/** What a method is judged by: the service, the place, and what the proxy there can do. */
export interface RolloutCase {
  readonly service: string;
  readonly environment: string;
  readonly traits: RolloutTraits;
  readonly place: PlaceAbilities;
  /** null: nobody has asked the target. */
  readonly routing: TrafficAbilities | null;
}

/** Why a method cannot be used there. */
export interface Exclusion {
  /** Stable; sentences may change. */
  readonly code: string;
  readonly sentence: string;
  /** Imperative. */
  readonly remedy: string;
}

/** What speaks for a method (points above 0) or against it. */
export interface Weight {
  readonly points: number;
  readonly sentence: string;
}

/** One way to bring a version to its users. Five files of this shape in `methods/`; `choice.ts` ranks them. */
export interface RolloutMethod {
  readonly id: MethodId;
  readonly title: string;
  /** What happens, in one sentence. */
  readonly summary: string;
  /** Points before anything is known of the service. */
  readonly base: number;
  /** Seconds in which users are back on the former version. */
  readonly wayBackSeconds: number;
  /** It passes a stage only with enough requests of the new version. */
  readonly needsSample: boolean;
  /** All that excludes it; none: it can be planned. */
  readonly exclusions: (about: RolloutCase) => readonly Exclusion[];
  readonly weights: (about: RolloutCase) => readonly Weight[];
  /** The stages as the run goes through them. */
  readonly stages: (strategy: Strategy) => readonly Stage[];
}

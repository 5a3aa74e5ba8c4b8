import type { Risk } from "#core/calendar/advice/risk.ts";
import type { Finding } from "#core/policy/finding.ts";
import type { Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";
import type { Fit } from "#core/waves/wave-fit.ts";
import type { Order } from "#core/waves/wave-orders.ts";
import type { Wave, WavePlan } from "#core/waves/wave-plan.ts";
import type { Call } from "#usecases/operations.ts";
import type { RunView } from "#usecases/plan/plan-operations.ts";

export interface WaveQuestion {
  /** Name of the wave plan. */
  readonly plan: string;
  readonly version: string;
  /** null: that of the service. */
  readonly risk: Risk | null;
  /** Regions in another order than the plan's, for this run alone; null: as written. */
  readonly order: readonly string[] | null;
  /** No target before; null: now. */
  readonly notBefore: Temporal.Instant | null;
}

/** When the waves would go, as far as it is known now. */
export interface WaveForecast {
  readonly plan: WavePlan;
  readonly version: string;
  readonly risk: Risk;
  readonly at: Temporal.Instant;
  readonly waves: readonly Wave[];
  readonly outcome:
    | { readonly kind: "fits"; readonly fit: Fit }
    /** The shortest mix in this order, and orders that keep the limit. */
    | { readonly kind: "mixed-too-long"; readonly fit: Fit; readonly offers: readonly Order[] }
    | { readonly kind: "no-opening"; readonly environment: string; readonly obstacles: readonly Finding[] };
  /** IANA names of the zones of the targets. */
  readonly zones: ReadonlyMap<string, string>;
  /** When each target is open from now on, in order. */
  readonly openings: ReadonlyMap<string, readonly Span[]>;
}

export type ForecastRefusal = "no-such-wave-plan" | "no-such-service" | "no-such-environment" | "bad-order";

export interface WaveOperations {
  readonly listWavePlans: () => Promise<readonly WavePlan[]>;
  readonly forecastWaves: (question: WaveQuestion) => Promise<Result<WaveForecast, ForecastRefusal>>;
  readonly startWaves: (
    input: WaveQuestion & { readonly reason: string; readonly owner: string | null },
    call: Call,
  ) => Promise<
    Result<
      RunView,
      | ForecastRefusal
      | "no-such-person"
      | "too-many-runs"
      | { readonly code: "does-not-fit"; readonly forecast: WaveForecast }
    >
  >;
}

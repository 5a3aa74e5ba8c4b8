import type { Commander, Deployer, FlagKeeper } from "#connectors/port.ts";
import type { ActRequest } from "#core/plan/act-request.ts";
import type { MetricDeps } from "#usecases/criteria/look-at-criterion.ts";
import type { OpenAct } from "#usecases/plan/make-act.ts";
import type { Transact } from "#usecases/records.ts";

export interface ActDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly deployer: Deployer;
  readonly commander: Commander;
  readonly flags: FlagKeeper;
  readonly metrics: MetricDeps;
  /** Waits without holding anything; bounded by its callers. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** An act of one kind. */
export type ActOf<Do extends ActRequest["do"]> = Omit<OpenAct, "request"> & {
  readonly request: Extract<ActRequest, { readonly do: Do }>;
};

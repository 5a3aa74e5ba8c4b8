import type { ActAnswer } from "#core/plan/act-request.ts";
import type { Failure } from "#connectors/port.ts";
import { RepeatableFailure } from "#usecases/rollout/change.ts";

export function answered(state: ActAnswer["state"], outcome: string): ActAnswer {
  return { state, outcome, output: null, live: null };
}

/**
 * What may pass is thrown, so that it is asked again under the same key. A lasting failure counts as one that may have had
 * its effect: an earlier try may have been carried out and its answer lost.
 */
export function failedBy(failure: Failure): ActAnswer {
  if (failure.retry === "later") throw new RepeatableFailure(failure);
  return answered("failed", failure.message);
}

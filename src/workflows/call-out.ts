import type { StepEnd, StepKey } from "#usecases/plan/plan-records.ts";
import { finishCall, prepareCall, type OutgoingCall } from "#usecases/plan/make-call.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import type { Records } from "#usecases/records.ts";
import type { Flow, Workflow } from "#workflows/flow.ts";

/** Name of the queue; its partition is the step, so a step has one call. */
export const callQueue = "calls";

export interface CallOutDeps extends PlanDeps {
  /** Posts once; throws what may pass, answers what will not. */
  readonly send: (call: OutgoingCall) => Promise<StepEnd>;
  /** False when the step has ended meanwhile: then nothing is sent any more. */
  readonly isAwaited: (id: StepKey) => Promise<boolean>;
}

/**
 * The call of an http step: sent at least once under one key, as often as the plan allows, and its answer ends the step.
 * The receiver tells repetitions by the key.
 */
export function makeCallOut(deps: CallOutDeps): Workflow<Records, StepKey, string> {
  return {
    name: "call-out",
    body: async (flow, id) => {
      const call = await flow.tx("prepare", (records) => prepareCall(records, id));
      if (call === null) return "late";
      const end = await sendWhileAwaited(deps, flow, id, call);
      return await flow.tx("record", (records) => finishCall(deps, records, id, end));
    },
  };
}

const tooLate: StepEnd = { state: "failed", outcome: "The step had ended before the call could be sent." };

/** Looks before each attempt whether the answer is still wanted: the next one may come an hour behind the first. */
export async function sendWhileAwaited(
  deps: Pick<CallOutDeps, "send" | "isAwaited">,
  flow: Pick<Flow<Records>, "step">,
  id: StepKey,
  call: OutgoingCall,
): Promise<StepEnd> {
  const retry = { maxAttempts: call.attempts, firstDelayMs: 500, backoff: 3 };
  try {
    return await flow.step("send", async () => ((await deps.isAwaited(id)) ? await deps.send(call) : tooLate), retry);
  } catch (error) {
    return { state: "failed", outcome: error instanceof Error ? error.message : String(error) };
  }
}

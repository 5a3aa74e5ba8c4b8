import { cancelGate } from "#contract/gate.ts";
import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentGate } from "#api/release/present-gate.ts";
import { callOf } from "#api/release/show-deployment.ts";

export const cancelGateHandler = defineHandler(cancelGate, async (deps, call) => {
  const { id } = call.params;
  const cancelled = await deps.gates.cancel({ id, reason: call.body.reason }, callOf(call));
  if (cancelled.ok) return answer(200, presentGate(cancelled.value, deps.clock.now(), deps.settings));
  switch (cancelled.error) {
    case "no-such-gate":
      return refuse(cancelled.error, `There is no gate ${id}.`);
    case "not-your-gate":
      return refuse(cancelled.error, `Nothing was cancelled: ${id} belongs to the account that asked for it.`);
    case "already-ended":
      return refuse(cancelled.error, `Nothing was cancelled: ${id} has ended.`);
    case "already-started":
      return refuse(cancelled.error, `Nothing was cancelled: ${id} is deploying; report its result instead.`);
  }
});

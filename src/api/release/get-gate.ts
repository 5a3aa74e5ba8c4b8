import { getGate } from "#contract/gate.ts";
import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentGate, retryAfterOf } from "#api/release/present-gate.ts";

export const getGateHandler = defineHandler(getGate, async (deps, call) => {
  const view = await deps.gates.show(call.params.id);
  if (view === null) return refuse("no-such-gate", `There is no gate ${call.params.id}.`);
  const body = presentGate(view, call.now, deps.settings);
  return answer(200, body, { headers: retryAfterOf(body) });
});

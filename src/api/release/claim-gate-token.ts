import { claimGateToken } from "#contract/gate.ts";
import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentAsked, retryAfterOf } from "#api/release/present-gate.ts";
import { callOf } from "#api/release/show-deployment.ts";

export const claimGateTokenHandler = defineHandler(claimGateToken, async (deps, call) => {
  const { id } = call.params;
  const claimed = await deps.gates.claim(id, callOf(call));
  if (claimed.ok) {
    const body = presentAsked(claimed.value, deps.clock.now(), deps.settings);
    return answer(body.token === null ? 202 : 200, body, { headers: retryAfterOf(body.gate) });
  }
  switch (claimed.error) {
    case "no-such-gate":
      return refuse(claimed.error, `There is no gate ${id}.`);
    case "not-your-gate":
      return refuse(claimed.error, `No token was issued: ${id} belongs to the account that asked for it.`);
    case "already-ended":
      return refuse(claimed.error, `No token was issued: ${id} has ended. Ask again in a new run.`);
    case "token-used":
      return refuse(claimed.error, `No token was issued: that of ${id} has been used, and a gate is passed once.`);
  }
});

import { reportGateResult } from "#contract/gate.ts";
import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentGate } from "#api/release/present-gate.ts";
import { callOf } from "#api/release/show-deployment.ts";

export const reportGateResultHandler = defineHandler(reportGateResult, async (deps, call) => {
  const { id } = call.params;
  const { lease, ...result } = call.body;
  const reported = await deps.gates.report({ id, lease, result }, callOf(call));
  if (reported.ok) return answer(200, presentGate(reported.value, deps.clock.now(), deps.settings));
  switch (reported.error) {
    case "no-such-gate":
      return refuse(reported.error, `There is no gate ${id}.`);
    case "bad-lease":
      return refuse(reported.error, `Nothing was recorded: only who redeemed the token of ${id} says how it ended.`);
    case "not-started":
      return refuse(
        reported.error,
        `Nothing was recorded: the token of ${id} was never redeemed, so nothing was deployed.`,
      );
    case "other-result":
      return refuse(reported.error, `Nothing was recorded: ${id} has another result, and a result is final.`);
  }
});

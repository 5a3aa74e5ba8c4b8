import { answer, defineHandler, refuse } from "#api/handler.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { rehearse } from "#contract/rollback.ts";

export const rehearseHandler = defineHandler(rehearse, async (deps, call) => {
  const { service, version } = call.body;
  const result = await deps.rollback.rehearse(call.body, callOf(call));
  if (result.ok) return answer(202, { run: result.value });
  const details = {
    "no-such-service": `There is no service ${service}.`,
    "no-such-artifact": `There is no artifact ${service}@${version}; register it first.`,
    "no-rehearsal-plan": `The Rollback document of ${service} does not say how it is rehearsed; add rehearsal to it.`,
    "nothing-to-roll-back-to": `No version of ${service} is live where it is rehearsed, so nothing can come back.`,
    "already-there": `${service}@${version} is live where it is rehearsed: there is no way back to itself.`,
    "too-many-runs": "Too many runs are under way; end one first.",
  };
  return refuse(result.error, details[result.error]);
});

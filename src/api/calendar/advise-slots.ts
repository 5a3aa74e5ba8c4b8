import { answer, defineHandler, refuse } from "#api/handler.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { adviseSlots } from "#contract/advice.ts";
import { adviceToJson } from "#core/policy/present-advice.ts";

export const adviseSlotsHandler = defineHandler(adviseSlots, async (deps, call) => {
  const { service, version, environment, risk, since, until } = call.body;
  const question = {
    service,
    version,
    environment,
    risk: risk ?? null,
    since: since === undefined ? null : Temporal.Instant.from(since),
    until: until === undefined ? null : Temporal.Instant.from(until),
  };
  const result = await deps.operations.adviseSlots(question, callOf(call));
  if (!result.ok) {
    const name = result.error === "no-such-service" ? `service ${service}` : `environment ${environment}`;
    return refuse(result.error, `The catalog has no ${name}. Apply its document first.`);
  }
  const { at, zone } = result.value;
  return answer(200, adviceToJson({ service, version, environment, at, zone }, result.value));
});

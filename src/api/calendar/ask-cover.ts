import { answer, defineHandler, refuse } from "#api/handler.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { askCover } from "#contract/cover.ts";
import { coverToJson } from "#core/calendar/cover/present.ts";

export const askCoverHandler = defineHandler(askCover, async (deps, call) => {
  const { service, environment, at } = call.body;
  const question = { service, environment, at: at === undefined ? null : Temporal.Instant.from(at) };
  const result = await deps.operations.askCover(question, callOf(call));
  if (!result.ok) {
    const name = result.error === "no-such-service" ? `service ${service}` : `environment ${environment}`;
    return refuse(result.error, `The catalog has no ${name}. Apply its document first.`);
  }
  return answer(200, coverToJson({ service, environment, ...result.value }));
});

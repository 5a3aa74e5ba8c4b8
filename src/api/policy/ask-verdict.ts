import { askVerdict } from "#contract/verdict.ts";
import { answer, defineHandler } from "#api/handler.ts";
import { presentVerdict, retryAfter } from "#api/policy/present.ts";

/** A question without a request: nobody's content, so nobody's approval is asked for beyond what the rules say. */
export const askVerdictHandler = defineHandler(askVerdict, async (deps, call) => {
  const { service, version, environment, action, class: changeClass, at } = call.body;
  const verdict = await deps.operations.askVerdict(
    {
      subject: {
        service,
        version,
        environment,
        action,
        class: changeClass,
        invoker: "person",
        requestedBy: call.identity.person.name,
        contentDigest: null,
        onBehalfOf: null,
      },
      at: at === undefined ? null : Temporal.Instant.from(at),
    },
    { actor: call.identity.actor, requestId: call.requestId },
  );
  deps.metrics.countVerdict(verdict.decision, "question");
  return answer(200, presentVerdict(verdict), { headers: retryAfter(verdict, call.now) });
});

import { askGate } from "#contract/gate.ts";
import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentAsked, retryAfterOf } from "#api/release/present-gate.ts";
import { callOf } from "#api/release/show-deployment.ts";

/** A denial is an answer and no error: 200 with a token, or 202 with the reasons. */
export const askGateHandler = defineHandler(askGate, async (deps, call) => {
  const { run, runUrl, ...question } = call.body;
  const input = { ...question, externalRun: run, externalUrl: runUrl, whenOver: "show" } as const;
  const asked = await deps.gates.ask(input, callOf(call));
  if (asked.ok) {
    const body = presentAsked(asked.value, deps.clock.now(), deps.settings);
    if (body.gate.verdict !== null) deps.metrics.countVerdict(body.gate.verdict.verdict, "gate");
    return answer(body.token === null ? 202 : 200, body, { headers: retryAfterOf(body.gate) });
  }
  const { service, version, digest, environment } = call.body;
  const what = `${service}@${version ?? digest ?? ""}`;
  switch (asked.error) {
    case "no-such-service":
      return refuse(asked.error, `No service ${service} is in the configuration. Correct the name.`);
    case "no-such-environment":
      return refuse(asked.error, `No environment ${environment} is in the configuration. Correct the name.`);
    case "no-such-artifact":
      return refuse(asked.error, `${what} is not registered. Register it with its digest (POST /v1/artifacts) first.`);
    case "no-such-callback":
      return refuse(
        asked.error,
        "The callback address is not below a registered one. Register it first: tidegate callbacks add.",
      );
    case "already-open":
      return refuse(asked.error, `${what} is on its way to ${environment} already. Follow that one, or end it first.`);
    case "already-live":
      return refuse(asked.error, `${what} is live in ${environment} already; there is nothing to deploy.`);
    case "may-not-roll-back":
      return refuse("forbidden", "To go back takes the right deployment.roll-back. Ask somebody who has it.");
    case "not-the-way-back":
      return refuse(
        asked.error,
        `${what} is not what was live in ${environment} before. Ask for that version, or ask to deploy this one.`,
      );
    case "not-a-restart":
      return refuse(
        asked.error,
        `${what} is not live in ${environment}, so it cannot begin again there. Ask to deploy it.`,
      );
    case "key-conflict":
      return refuse(
        asked.error,
        `The run ${run ?? ""} has asked something else under this key. Name another key for another question.`,
      );
  }
});

import { agentCommand, type AgentCommand } from "#contract/agent.ts";
import { exchange, type Exchange } from "#connectors/agent/exchange.ts";
import { agentConnection, type AgentConnectionInput } from "#connectors/agent/settings.ts";
import type { Commander, CommandState, Failure, Target } from "#connectors/port.ts";
import { err, ok, type Result } from "#core/result.ts";

/** Runs commands through an agent (`src/agent`). Throws if the settings are not valid. */
export function agentCommander(input: AgentConnectionInput): Commander {
  const settings = agentConnection.parse(input);
  const fast: Exchange = { ...settings, withinMs: settings.answerWithinMs };
  const patient: Exchange = { ...settings, withinMs: settings.effectWithinMs };
  return {
    id: "agent",
    run: async ({ work, withinSeconds, ...target }, { key, fence }) => {
      const body = { key, fence, work, withinSeconds };
      return stateOf(target, key, await exchange(patient, "POST", pathOf(target), agentCommand, body));
    },
    look: async (target, key) => {
      const path = `${pathOf(target)}?key=${encodeURIComponent(key)}`;
      return stateOf(target, key, await exchange(fast, "GET", path, agentCommand));
    },
    cancel: async (target, { key, fence }) => {
      const path = `${pathOf(target)}/cancel`;
      return stateOf(target, key, await exchange(fast, "POST", path, agentCommand, { key, fence }));
    },
  };
}

function pathOf({ environment, service }: Target): string {
  return `/v1/environments/${encodeURIComponent(environment)}/services/${encodeURIComponent(service)}/commands`;
}

const tooOld: Failure = {
  code: "unknown-command",
  message: "The agent is of a version that runs no commands; upgrade it.",
  retry: "never",
};

/** An answer about another command, or another place, is none. */
function stateOf(target: Target, key: string, answer: Result<AgentCommand, Failure>): Result<CommandState, Failure> {
  if (!answer.ok) return err(answer.error.code === "no-such-route" ? tooOld : answer.error);
  const { environment, service, ...state } = answer.value;
  if (state.key === key && environment === target.environment && service === target.service) return ok(state);
  const message = `The agent answered for ${state.key} of ${service} in ${environment}, where ${key} was asked about.`;
  return err({ code: "bad-answer", message, retry: "later" });
}

import {
  agentObservation,
  agentPath,
  agentTraffic,
  agentVersion,
  controlsReport,
  smokeReport,
  type AgentObservation,
} from "#contract/agent.ts";
import { exchange, type Exchange } from "#connectors/agent/exchange.ts";
import { agentConnection, type AgentConnectionInput } from "#connectors/agent/settings.ts";
import { toObservation, toObservedVersion, toWeights } from "#connectors/agent/translate.ts";
import type { Deployer, Failure, Target } from "#connectors/port.ts";
import { err, ok, type Result } from "#core/result.ts";

/** Drives an agent (`src/agent`) at the place where the services run. Throws if the settings are not valid. */
export function agentDeployer(input: AgentConnectionInput): Deployer {
  const settings = agentConnection.parse(input);
  const fast: Exchange = { ...settings, withinMs: settings.answerWithinMs };
  const patient: Exchange = { ...settings, withinMs: settings.effectWithinMs };
  return {
    id: "agent",
    observe: async ({ withSessions, ...target }) => {
      // An agent of the version before tells nothing of its routing when it is asked for sessions.
      const path = `${pathOf(target)}?with=${withSessions === true ? "sessions" : "routing"}`;
      return map(ofPlace(target, await exchange(fast, "GET", path, agentObservation)), toObservation);
    },
    startVersion: async ({ version, digest, ...target }, command) => {
      const body = { ...commandOf(command), version, digest };
      return map(await exchange(patient, "POST", `${pathOf(target)}/versions`, agentVersion, body), toObservedVersion);
    },
    smoke: async ({ version, ...target }) => {
      const path = `${pathOf(target)}/versions/${encodeURIComponent(version)}/smoke`;
      return map(
        await exchange({ ...settings, withinMs: settings.checksWithinMs }, "POST", path, smokeReport),
        ({ checks }) => checks,
      );
    },
    proveControls: async ({ version, when, ...target }) => {
      const path = `${pathOf(target)}/versions/${encodeURIComponent(version)}/controls?when=${when}`;
      const answer = await exchange({ ...settings, withinMs: settings.checksWithinMs }, "POST", path, controlsReport);
      // An agent of the version before has none in its configuration.
      if (!answer.ok && answer.error.code === "no-such-route") return ok([]);
      return map(answer, ({ controls }) => controls);
    },
    shift: async ({ version, control, percent, sticky, cohorts, ...target }, command) => {
      // Only what is wished for: an agent of the version before refuses fields that it does not know.
      const rules = { ...(sticky === undefined ? {} : { sticky }), ...(cohorts === undefined ? {} : { cohorts }) };
      const body = { ...commandOf(command), weights: toWeights(version, control, percent), ...rules };
      const answer = await exchange(patient, "POST", `${pathOf(target)}/weights`, agentObservation, body);
      return map(ofPlace(target, answer), toObservation);
    },
    stopVersion: async ({ version, evenWithTraffic, ...target }, command) => {
      const path = `${pathOf(target)}/versions/${encodeURIComponent(version)}/stop`;
      const body = { ...commandOf(command), ...(evenWithTraffic === true ? { evenWithTraffic } : {}) };
      const answer = await exchange(patient, "POST", path, agentObservation, body);
      return map(ofPlace(target, answer), toObservation);
    },
    reach: (path) => exchange(patient, "GET", `/v1/paths/${encodeURIComponent(path)}`, agentPath),
    traffic: ({ since, ...target }) => exchange(fast, "GET", `${pathOf(target)}/traffic?since=${since}`, agentTraffic),
  };
}

function pathOf({ environment, service }: Target): string {
  return `/v1/environments/${encodeURIComponent(environment)}/services/${encodeURIComponent(service)}`;
}

/** An answer about another place is none, whatever it says. */
function ofPlace(target: Target, answer: Result<AgentObservation, Failure>): Result<AgentObservation, Failure> {
  if (!answer.ok) return answer;
  const { environment, service } = answer.value;
  if (environment === target.environment && service === target.service) return answer;
  const message = `The agent answered for ${service} in ${environment}, where ${target.service} in ${target.environment} was asked about.`;
  return err({ code: "bad-answer", message, retry: "later" });
}

/** The wire is strict: what else the caller's object carries stays here. */
function commandOf({ key, fence }: Parameters<Deployer["shift"]>[1]): { readonly key: string; readonly fence: number } {
  return { key, fence };
}

function map<From, To, E>(result: Result<From, E>, to: (value: From) => To): Result<To, E> {
  return result.ok ? ok(to(result.value)) : result;
}

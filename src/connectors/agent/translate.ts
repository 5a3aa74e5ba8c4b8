import { z } from "zod";
import type { AgentObservation, AgentVersion } from "#contract/agent.ts";
import type { Failure, Observation, ObservedVersion } from "#connectors/port.ts";

export function toObservedVersion({ version, digest, state, percent, reason }: AgentVersion): ObservedVersion {
  return { version, digest, state, percent, ...(reason === null ? {} : { reason }) };
}

export function toObservation({ versions, observedAt, routing }: AgentObservation): Observation {
  const seen = { versions: versions.map(toObservedVersion), observedAt };
  if (routing === undefined) return seen;
  const { canStick, canCohort, sticky, cohorts, sessions, ...can } = routing;
  const counted = sessions === undefined ? {} : { sessions };
  return { ...seen, routing: { can: { ...can, sticky: canStick, cohorts: canCohort }, sticky, cohorts, ...counted } };
}

/** Shares of all versions: what the version does not get goes to the control. */
export function toWeights(version: string, control: string | null, percent: number): Readonly<Record<string, number>> {
  // Decimal fractions are subtracted as whole thousandths; 100 - 33.3 alone would be 66.7 and a bit.
  const rest = (100_000 - Math.round(percent * 1000)) / 1000;
  return control === null ? { [version]: percent } : { [version]: percent, [control]: rest };
}

const problem = z.object({ code: z.string().max(100), title: z.string().max(2_000) });

/** Refusals (4xx) need a person or another run; what the agent could not do now (5xx, 429) may be asked again. */
export function toFailure(status: number, body: unknown): Failure {
  const parsed = problem.safeParse(body);
  const retry = status >= 500 || status === 429 ? "later" : "never";
  if (parsed.success) return { code: parsed.data.code, message: parsed.data.title, retry };
  return { code: `http-${status}`, message: `The agent answered ${status} without saying why.`, retry };
}

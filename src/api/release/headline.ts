import { explainVerdict } from "#core/policy/explain.ts";
import { verdictToJson } from "#core/policy/present.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { unreachable } from "#core/result.ts";
import type { DeploymentRecord } from "#usecases/records.ts";

/** One sentence: what the deployment is doing, what it waits for and until when, or how it ended. */
export function headlineOf(record: DeploymentRecord, verdict: Verdict | null): string {
  const { state } = record;
  switch (state) {
    case "waiting":
      return waitingFor(verdict);
    case "queued":
      return `It is allowed and waits for its turn in ${record.subject.environment}.`;
    case "running":
      return runningSentence(record);
    case "succeeded":
    case "rolled-back":
    case "aborted":
    case "cancelled":
    case "rejected":
    case "failed":
    case "needs-human":
      return record.outcome ?? `It has ended: ${state}.`;
    default:
      return unreachable(state);
  }
}

/** The verdict in the words of the core. What is deployed and where stands beside it, in every list and on every page. */
function waitingFor(verdict: Verdict | null): string {
  if (verdict === null) return "It waits for its first verdict.";
  if (verdict.decision === "allow") return "It is allowed and starts as soon as a worker takes it.";
  return explainVerdict(verdictToJson(verdict)).short;
}

function runningSentence(record: DeploymentRecord): string {
  const { version } = record.subject;
  if (record.abortRequestedBy !== null) {
    return `${record.abortRequestedBy} has asked to stop it; traffic goes back to ${record.control ?? "nothing"}.`;
  }
  if (record.held !== null) return record.held;
  const { percent, control } = record;
  if (percent === 100) return `${version} serves all of the traffic.`;
  const share = percent === 0 ? `${version} has no traffic` : `${version} serves ${percent} % of the traffic`;
  return control === null ? `${share}.` : `${share}; ${control} serves ${percent === 0 ? "all of it" : "the rest"}.`;
}

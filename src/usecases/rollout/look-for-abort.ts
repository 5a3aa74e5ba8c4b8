import type { Change, Refused, RolloutDeps } from "#usecases/rollout/change.ts";

/** Who has asked to end the run; null: nobody. */
export function askedToAbort(
  deps: Pick<RolloutDeps, "transact">,
  change: Pick<Change, "deployment">,
): Promise<string | null> {
  return deps.transact(
    async (records) => (await records.deployments.find(change.deployment))?.abortRequestedBy ?? null,
  );
}

/** Code of a step that somebody ended. */
export const abortedCode = "aborted";

/** What was found well counts only as long as nobody wants to go back: until it is let go the former version is at hand. */
export function unlessAborted<Found extends { readonly done: true } | Refused>(
  found: Found,
  by: string | null,
): Found | Refused {
  if (!found.done || by === null) return found;
  return { done: false, code: abortedCode, sentence: `${by} aborted the deployment.` };
}

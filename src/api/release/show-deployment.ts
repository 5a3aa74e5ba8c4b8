import type { z } from "zod";
import type { deploymentDetail } from "#contract/release.ts";
import type { DeploymentId } from "#core/id.ts";
import { retryAfter } from "#api/policy/present.ts";
import { presentDetail } from "#api/release/present.ts";
import type { ApiDeps } from "#api/deps.ts";
import type { Context, DeepReadonly } from "#api/handler.ts";
import type { Call } from "#usecases/operations.ts";

export interface ShownDeployment {
  readonly body: DeepReadonly<z.input<typeof deploymentDetail>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** The deployment as the caller sees it after what was just done, or null when there is none. */
export async function showDeployment(deps: ApiDeps, id: DeploymentId, call: Context): Promise<ShownDeployment | null> {
  const view = await deps.views.deployment(id);
  if (view === null) return null;
  const body = presentDetail(view, call.identity, call.now);
  return { body, headers: view.record.state === "waiting" ? retryAfter(view.verdict, call.now) : {} };
}

/** The same, where an operation has just said that there is one. */
export async function showKnownDeployment(deps: ApiDeps, id: DeploymentId, call: Context): Promise<ShownDeployment> {
  const shown = await showDeployment(deps, id, call);
  if (shown === null) throw new Error(`deployment ${id} is not there right after it was touched`);
  return shown;
}

/** What operations want to know about a call. */
export function callOf({ identity, requestId, key }: Context): Call {
  return { actor: identity.actor, requestId, key };
}

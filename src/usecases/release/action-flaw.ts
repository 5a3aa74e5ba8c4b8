import { can } from "#core/access/can.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import type { Artifact } from "#core/release/artifact.ts";
import type { Call } from "#usecases/operations.ts";
import type { Records } from "#usecases/records.ts";

/**
 * Why what a pipeline asks for is not the action that it is called; null: it is. A freeze, a promotion path and a hold let
 * go what goes back or only begins again (semantics §3.8), so the name alone must not take a new version past them: a
 * way back ends at the version that was live before, or at the one on record where a run was lost sight of; what is
 * restarted is what is live.
 */
export async function actionFlaw(
  records: Pick<Records, "inventory">,
  { service, environment, action }: Pick<Subject, "service" | "environment" | "action">,
  digest: Artifact["digest"],
): Promise<"not-the-way-back" | "not-a-restart" | null> {
  if (action !== "roll-back" && action !== "restart") return null;
  const live = await records.inventory.current(service, environment);
  if (live?.digest === digest) return null;
  if (action === "restart") return "not-a-restart";
  const former = await records.inventory.former(service, environment);
  return former?.digest === digest ? null : "not-the-way-back";
}

/** Whoever may ask for a deployment may not always take one back; every door to it asks for the same right. */
export function mayAskFor(
  { action }: Pick<Subject, "action">,
  { people }: Pick<Facts, "people">,
  { actor }: Pick<Call, "actor">,
): boolean {
  if (action !== "roll-back") return true;
  const person = people.get(actor.person);
  return person !== undefined && can({ person, actor }, "deployment.roll-back").allowed;
}

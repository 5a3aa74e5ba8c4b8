import { err, ok } from "#core/result.ts";
import { admit, type AdmitDeps } from "#usecases/release/admit.ts";
import { invokerOf, repeatedRequest, type RequestDeploymentDeps } from "#usecases/release/request-deployment.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import type { Call, Operations } from "#usecases/operations.ts";
import type { Records } from "#usecases/records.ts";

/** A rollback is a deployment in the other direction: judged, run and verified like every other. */
export function makeRollBackDeployment(deps: RequestDeploymentDeps): Operations["rollBackDeployment"] {
  return (input, call) => deps.transact((records) => rollBackIn(deps, records, input, call));
}

/** The same in the caller's transaction. */
export async function rollBackIn(
  deps: AdmitDeps,
  records: Records,
  input: Parameters<Operations["rollBackDeployment"]>[0],
  call: Call,
): Promise<Awaited<ReturnType<Operations["rollBackDeployment"]>>> {
  const repeated = await repeatedRequest(records, call);
  if (repeated !== null) return ok(repeated);
  const former = await records.deployments.findForUpdate(input.id);
  if (former === null) return err("no-such-deployment");
  if (former.endedAt === null) return err("still-open");
  const { service, environment, version, class: changeClass } = former.subject;
  const live = await records.inventory.current(service, environment);
  if (live?.version !== version || former.state !== "succeeded") return err("not-live");
  if (former.control === null) return err("nothing-to-roll-back-to");
  const artifact = await records.artifacts.find(service, former.control);
  if (artifact === null) return err("nothing-to-roll-back-to");
  if ((await records.deployments.findOpen(service, former.control, environment)) !== null) return err("already-open");
  const at = deps.now();
  const subject = {
    service,
    version: former.control,
    environment,
    // What a way back took away comes again on the way of everything new, with its consents, windows and stages.
    action: former.subject.action === "roll-back" ? ("deploy" as const) : ("roll-back" as const),
    class: changeClass,
    invoker: "person" as const,
    requestedBy: call.actor.person,
  };
  const { people } = await records.facts.load({ ...subject, contentDigest: null, onBehalfOf: null }, at, horizonOf(at));
  const asked = { ...subject, invoker: invokerOf(people, call.actor.account) };
  return ok(await admit(deps, records, { subject: asked, artifact, whenBlocked: "wait", reason: input.reason }, call));
}

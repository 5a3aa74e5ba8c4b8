import type { Person } from "#core/catalog/people.ts";
import type { Invoker } from "#core/catalog/scope.ts";
import { err, ok } from "#core/result.ts";
import type { DeploymentId } from "#core/id.ts";
import type { Call, Operations } from "#usecases/operations.ts";
import type { Records, Transact } from "#usecases/records.ts";
import { admit, requestKeyOf, type AdmitDeps } from "#usecases/release/admit.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";

export interface RequestDeploymentDeps extends AdmitDeps {
  readonly transact: Transact;
}

/** Asks for a version in an environment. A no-go is an outcome and not an error: the deployment waits and says why. */
export function makeRequestDeployment(deps: RequestDeploymentDeps): Operations["requestDeployment"] {
  return (input, call) => deps.transact((records) => requestIn(deps, records, input, call));
}

/** The same in the caller's transaction. */
export async function requestIn(
  deps: AdmitDeps,
  records: Records,
  input: Parameters<Operations["requestDeployment"]>[0],
  call: Call,
): Promise<Awaited<ReturnType<Operations["requestDeployment"]>>> {
  const repeated = await repeatedRequest(records, call);
  if (repeated !== null) return ok(repeated);
  const at = deps.now();
  const subject = {
    service: input.service,
    version: input.version,
    environment: input.environment,
    action: "deploy" as const,
    class: input.class,
    invoker: "person" as const,
    requestedBy: call.actor.person,
    ...(input.risk === undefined ? {} : { risk: input.risk }),
    ...(input.hasRollbackPlan === undefined ? {} : { hasRollbackPlan: input.hasRollbackPlan }),
  };
  const id = deps.newDeploymentId();
  const known = await records.facts.load({ ...subject, contentDigest: null, onBehalfOf: id }, at, horizonOf(at));
  if (known.service === null) return err("no-such-service");
  if (known.environment === null) return err("no-such-environment");
  const artifact = await records.artifacts.find(input.service, input.version);
  if (artifact === null) return err("no-such-artifact");
  if ((await records.deployments.findOpen(input.service, input.version, input.environment)) !== null)
    return err("already-open");
  const live = await records.inventory.current(input.service, input.environment);
  if (live?.digest === artifact.digest) return err("already-live");
  const invoker = invokerOf(known.people, call.actor.account);
  const admission = { subject: { ...subject, invoker }, artifact, whenBlocked: input.whenBlocked, reason: null };
  // What is read of the facts may depend on who asks.
  const asked = invoker === subject.invoker ? { ...admission, known: { id, facts: known } } : admission;
  return ok(await admit(deps, records, asked, call));
}

/** What the same request made when it came before; null when it comes for the first time. */
export async function repeatedRequest(records: Records, call: Call): Promise<DeploymentId | null> {
  const key = requestKeyOf(call);
  return key === null ? null : ((await records.deployments.findByRequest(key))?.id ?? null);
}

/** A bot is automation, whoever owns it; everybody else asks as a person. */
export function invokerOf(people: ReadonlyMap<string, Person>, account: string): Invoker {
  for (const person of people.values()) {
    if (person.accounts.some((known) => known.name === account && known.kind === "bot")) return "automation";
  }
  return "person";
}

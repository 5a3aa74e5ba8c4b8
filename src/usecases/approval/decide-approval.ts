import { eligibilityOf } from "#core/approval/eligibility.ts";
import { personResolver } from "#core/approval/persons.ts";
import { matchesScope } from "#core/catalog/scope.ts";
import type { DeploymentId } from "#core/id.ts";
import type { Facts } from "#core/policy/facts.ts";
import { mayPassFreeze, passageRoute } from "#core/policy/freezes-stopping.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import { err, ok, type Result } from "#core/result.ts";
import { contentNow, type DigestOf } from "#usecases/release/content.ts";
import { tell } from "#usecases/release/move.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import type { Call, Operations } from "#usecases/operations.ts";
import type { DeploymentRecord, Records, Transact } from "#usecases/records.ts";

export interface DecideApprovalDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly digestOf: DigestOf;
}

type Input = Parameters<Operations["decideApproval"]>[0];
type Refusal =
  Awaited<ReturnType<Operations["decideApproval"]>> extends Result<DeploymentId, infer Code> ? Code : never;

/** Consent to, or refusal of, the content that was shown (semantics §4). A rejection is final for that content. */
export function makeDecideApproval(deps: DecideApprovalDeps): Operations["decideApproval"] {
  return (input, call) =>
    deps.transact(async (records) => {
      const deployment = await records.deployments.findForUpdate(input.id);
      if (deployment === null) return err("no-such-deployment");
      const refusal = await refusalOf(deps, records, deployment, input, call);
      if (refusal !== null) return err(refusal);
      const at = deps.now();
      const { service, version, environment } = deployment.subject;
      const approval = {
        service,
        version,
        environment,
        person: call.actor.person,
        decision: input.decision,
        at,
        contentDigest: input.contentDigest,
        reason: input.reason,
        ...(input.despite.length === 0 ? {} : { despite: [...new Set(input.despite)].sort() }),
      };
      if (!(await records.approvals.insert(deployment.id, approval))) return err("already-decided");
      await records.audit.append({
        at,
        actor: call.actor,
        action: "approval.decide",
        object: deployment.id,
        outcome: input.decision,
        reason: input.reason,
        verdict: deployment.verdict,
        requestId: call.requestId,
        before: null,
        after: { contentDigest: input.contentDigest, person: call.actor.person, despite: input.despite },
      });
      if (input.decision === "approved") await records.deployments.wake(environment, at);
      else await endRejected(records, deployment, input, call, at);
      return ok(deployment.id);
    });
}

async function refusalOf(
  deps: DecideApprovalDeps,
  records: Records,
  deployment: DeploymentRecord,
  input: Input,
  call: Call,
): Promise<Refusal | null> {
  if (deployment.endedAt !== null) return "already-ended";
  if (deployment.contentDigest !== input.contentDigest) return "content-changed";
  if (input.decision === "rejected" && input.reason === null) return "reason-required";
  const at = deps.now();
  const facts = await records.facts.load({ ...deployment.subject, onBehalfOf: deployment.id }, at, horizonOf(at));
  if ((await contentNow(deps, records, facts)) !== input.contentDigest) return "content-changed";
  const eligibility = eligibilityOf(facts, call.actor.person);
  const isDespite = input.decision === "approved" && input.despite.length > 0;
  if (!isDespite || eligibility === "own-request" || eligibility === "own-work") {
    return eligibility === "eligible" ? null : eligibility;
  }
  return refusedByFreeze(facts, input.despite, call.actor.person);
}

/** In spite of a freeze only those may consent whom the route of that freeze names, where it covers the change. */
function refusedByFreeze(facts: Facts, despite: readonly string[], name: string): Refusal | null {
  const scope = subjectScope(facts);
  const person = facts.people.get(personResolver(facts.people)(name) ?? name);
  for (const freeze of despite) {
    const found = facts.freezes.find((one) => one.name === freeze);
    if (found === undefined || scope === null || !matchesScope(found.scope, scope)) return "no-such-freeze";
    if (passageRoute(found, facts.routes, scope) === null) return "freeze-not-passable";
    if (!mayPassFreeze(found, facts.routes, scope, person)) return "not-entitled";
  }
  return null;
}

/** Waiting and queued work ends here; work that runs is told to go back, and ends when the target has confirmed it. */
async function endRejected(
  records: Records,
  deployment: DeploymentRecord,
  input: Input,
  call: Call,
  at: Temporal.Instant,
): Promise<void> {
  if (deployment.state === "running") {
    await records.deployments.note(deployment.id, { abortRequestedBy: call.actor.person });
    return;
  }
  const outcome = `Rejected by ${call.actor.person}: ${input.reason ?? ""}`;
  await tell(records, deployment, { kind: "rejected" }, { nextCheckAt: null, endedAt: at, outcome });
}

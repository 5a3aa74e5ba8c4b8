import { isIdOf, type VerdictId } from "#core/id.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { tokenLives } from "#core/release/gate.ts";
import { err, ok } from "#core/result.ts";
import { isBefore } from "#core/span.ts";
import { horizonOf, type Judge } from "#usecases/policy/ask-verdict.ts";
import type { Call } from "#usecases/operations.ts";
import type { Records, Transact } from "#usecases/records.ts";
import type { DigestOf } from "#usecases/release/content.ts";
import { bindingOf, secretText, type GateSecrets } from "#usecases/release/gate-token.ts";
import type { GateRecord } from "#usecases/release/gate-records.ts";
import type { GateOperations, GateView, IssuedToken } from "#usecases/release/gate-types.ts";
import { tell } from "#usecases/release/move.ts";
import { firstCheck } from "#usecases/release/next-check.ts";

export interface GateDeps {
  readonly now: () => Temporal.Instant;
  readonly judge: Judge;
  readonly digestOf: DigestOf;
  readonly secrets: GateSecrets;
}

/**
 * The same dependencies at one instant, which is never before the newest configuration, hold or stop: a clock that
 * stands behind the one that declared a freeze must not put us before it.
 */
export async function atOneInstant<D extends GateDeps>(deps: D, records: Records): Promise<D> {
  const now = deps.now();
  const newest = await records.gates.newestFactAt();
  const at = newest !== null && isBefore(now, newest) ? newest : now;
  return { ...deps, now: () => at };
}

/** The gate with its deployment and the verdict in force. Throws when there is none: callers have just found it. */
export async function viewOf(records: Records, id: string): Promise<GateView> {
  const view = await findView(records, id);
  if (view === null) throw new Error(`there is no gate ${id}`);
  return view;
}

export async function findView(records: Records, id: string): Promise<GateView | null> {
  const gate = isIdOf("gate", id) ? await records.gates.find(id) : null;
  if (gate === null) return null;
  const deployment = await records.deployments.find(gate.deployment);
  if (deployment === null) throw new Error(`the deployment of ${id} is gone`);
  const verdict = deployment.verdict === null ? null : await records.verdicts.find(deployment.verdict);
  return { gate, deployment, verdict };
}

/**
 * A token for a gate that is allowed, after judging once more; null when it is not. The one before is void: there is one
 * token in force. What is no longer allowed is parked again. The caller has locked the gate.
 */
export async function issueToken(
  deps: GateDeps,
  records: Records,
  { gate, deployment }: GateView,
): Promise<IssuedToken | null> {
  if (deployment.state !== "queued" || gate.token.usedAt !== null) return null;
  const at = deps.now();
  const facts = await records.facts.load({ ...deployment.subject, onBehalfOf: deployment.id }, at, horizonOf(at));
  const verdict = deps.judge(facts);
  if (verdict.decision !== "allow") {
    const verdictId = await records.verdicts.save(verdict, facts, "gate", deployment.id);
    await parkAgain(records, { gate, deployment, verdict }, verdictId, at);
    return null;
  }
  const secret = deps.secrets.make();
  const binding = bindingOf(deps.digestOf, deployment.contentDigest, facts, verdict);
  const expiresAt = at.add(tokenLives);
  const text = secretText("tgg", gate.id, secret);
  if (!(await records.gates.issueToken(gate.id, { hash: deps.secrets.hash(secret), binding, at, expiresAt })))
    return null;
  return { text, expiresAt, binding };
}

/** It was allowed and is no longer: the token is void, and the sweep looks at it when the verdict says. */
export async function parkAgain(
  records: Records,
  { gate, deployment, verdict }: GateView & { readonly verdict: Verdict },
  id: VerdictId,
  at: Temporal.Instant,
): Promise<void> {
  await records.gates.voidToken(gate.id, `the verdict is ${verdict.decision} now`);
  await tell(records, deployment, { kind: "blocked" }, { verdict: id, nextCheckAt: firstCheck(at) });
}

export interface ClaimGateDeps extends GateDeps {
  readonly transact: Transact;
}

/** A token for a gate that was parked and is allowed now, or in the place of one that was lost or has run out. */
export function makeClaimGate(given: ClaimGateDeps): GateOperations["claim"] {
  return (id, call) =>
    given.transact(async (records) => {
      const deps = await atOneInstant(given, records);
      const gate = isIdOf("gate", id) ? await records.gates.findForUpdate(id) : null;
      if (gate === null) return err("no-such-gate");
      if (!isOwn(gate, call)) return err("not-your-gate");
      const before = await viewOf(records, id);
      if (before.deployment.endedAt !== null) return err("already-ended");
      if (gate.token.usedAt !== null) return err("token-used");
      const token = await issueToken(deps, records, before);
      if (token !== null) await noteIssue(deps, records, before, token, call);
      return ok({ view: await viewOf(records, id), token });
    });
}

/** A gate belongs to the account that asked for it. */
export function isOwn(gate: GateRecord, { actor }: Call): boolean {
  return gate.account === actor.account;
}

async function noteIssue(
  deps: GateDeps,
  records: Records,
  { gate, deployment }: GateView,
  token: IssuedToken,
  call: Call,
): Promise<void> {
  await records.audit.append({
    at: deps.now(),
    actor: call.actor,
    action: "gate.issue-token",
    object: gate.id,
    outcome: "issued",
    reason: null,
    verdict: deployment.verdict,
    requestId: call.requestId,
    before: null,
    after: { binding: token.binding, expiresAt: token.expiresAt.toString() },
  });
}

import { isIdOf } from "#core/id.ts";
import { refusalOfToken, type TokenRefusal } from "#core/release/gate.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { err, ok, type Result } from "#core/result.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import type { Call } from "#usecases/operations.ts";
import type { Records, Transact } from "#usecases/records.ts";
import { actionFlaw } from "#usecases/release/action-flaw.ts";
import { tell } from "#usecases/release/move.ts";
import { atOneInstant, parkAgain, viewOf, type GateDeps } from "#usecases/release/claim-gate.ts";
import { bindingOf, readSecretText, secretText } from "#usecases/release/gate-token.ts";
import type { GateOperations, GateView, Redeemed, RedeemRefusal } from "#usecases/release/gate-types.ts";
import { beginRun } from "#usecases/rollout/begin-run.ts";

export interface RedeemGateDeps extends GateDeps {
  readonly transact: Transact;
  readonly newLeaseId: () => string;
}

type Input = Parameters<GateOperations["redeem"]>[0];
type Outcome = Result<Redeemed, RedeemRefusal>;
type Refusal = Exclude<RedeemRefusal, { readonly code: "no-such-gate" }>;

/** A deployment that has not reported by then is lost sight of; a pipeline that needs longer deploys in steps. */
export const leaseLives = { hours: 2 } as const;

/**
 * Uses a token, in one transaction: nobody declares a freeze, a hold or a stop while it lasts, what was declared before
 * is seen, everything is judged again, and the token, its target and its content are compared. Exactly one of several
 * redemptions gets the lease, and with it the lock of the environment.
 */
export function makeRedeemGate(given: RedeemGateDeps): GateOperations["redeem"] {
  return (input, call) =>
    given.transact(async (records) => {
      await records.gates.holdFacts();
      const gate = isIdOf("gate", input.id) ? await records.gates.findForUpdate(input.id) : null;
      if (gate === null) return err({ code: "no-such-gate" });
      const deps = await atOneInstant(given, records);
      const view = await viewOf(records, gate.id);
      const refused = await refusalOf(deps, records, view, input);
      return refused === null
        ? await start(deps, records, view, call)
        : await refuse(deps, records, view, refused, call);
    });
}

async function refusalOf(
  deps: RedeemGateDeps,
  records: Records,
  view: GateView,
  input: Input,
): Promise<Refusal | null> {
  const { gate, deployment } = view;
  const shown = readSecretText("tgg", input.token);
  const isOurs = deps.secrets.equal(deps.secrets.hash(shown?.secret ?? ""), gate.token.hash ?? "");
  const code = refusalOfToken(gate.token, isOurs && shown?.id === bareId(gate.id), deps.now());
  if (code !== null) return { code, reason: reasons[code] };
  const { service, environment, action } = deployment.subject;
  const isSameTarget = service === input.service && environment === input.environment && action === input.action;
  if (!isSameTarget || deployment.digest !== input.digest) {
    const reason = `the token is for ${action} ${service} ${deployment.digest} to ${environment}, and something else was asked for`;
    return { code: "wrong-target", reason };
  }
  if (deployment.state === "queued") return await judgeAgain(deps, records, view);
  const reason = deployment.outcome ?? "it is parked again: the verdict is another one now";
  return { code: "not-allowed", reason, verdict: deployment.verdict };
}

async function judgeAgain(
  deps: RedeemGateDeps,
  records: Records,
  { gate, deployment }: GateView,
): Promise<Refusal | null> {
  const at = deps.now();
  if ((await actionFlaw(records, deployment.subject, deployment.digest)) !== null) {
    const reason = "another version has gone live since it was asked for";
    await tell(records, deployment, { kind: "rejected" }, { endedAt: at, outcome: anotherIsLive });
    return { code: "not-allowed", reason, verdict: deployment.verdict };
  }
  const facts = await records.facts.load({ ...deployment.subject, onBehalfOf: deployment.id }, at, horizonOf(at));
  const verdict = deps.judge(facts);
  if (verdict.decision !== "allow") {
    const id = await records.verdicts.save(verdict, facts, "start", deployment.id);
    await parkAgain(records, { gate, deployment, verdict }, id, at);
    return { code: "not-allowed", reason: reasonOf(verdict), verdict: id };
  }
  if (bindingOf(deps.digestOf, deployment.contentDigest, facts, verdict) === gate.token.binding) return null;
  return { code: "content-changed", reason: "what would run, or what it is judged by, is not what the token was for" };
}

const anotherIsLive = "Another version has gone live since this was asked for; ask again if it is to go back.";

/** The sentences of what stands in the way; the verdict has the rest. */
function reasonOf({ decision, findings }: Verdict): string {
  const obstacles = findings.filter(({ outcome }) => outcome !== "pass" && outcome !== "not-applicable");
  const said = obstacles.slice(0, 3).map(({ sentence }) => sentence.replace(/\.$/, ""));
  return `the verdict is ${decision} now: ${said.join("; ")}`;
}

function bareId(id: string): string {
  return id.slice(id.indexOf("_") + 1);
}

const reasons: Readonly<Record<TokenRefusal, string>> = {
  "bad-token": "it is not the token of this gate, or a newer one has taken its place",
  "token-used": "it has been used, and a token is used once",
  "token-void": "it was taken back",
  "token-expired": "it is older than 15 minutes",
};

async function start(deps: RedeemGateDeps, records: Records, view: GateView, call: Call): Promise<Outcome> {
  const { gate, deployment } = view;
  const begun = await beginRun(deps, records, deployment.id);
  const at = deps.now();
  if (!begun.go) {
    const reason = `it cannot start: ${begun.because}`;
    return await refuse(deps, records, view, { code: "not-allowed", reason, verdict: deployment.verdict }, call);
  }
  const secret = deps.secrets.make();
  const lease = { id: deps.newLeaseId(), hash: deps.secrets.hash(secret), expiresAt: at.add(leaseLives) };
  if (!(await records.gates.useToken(gate.id, at, lease)))
    throw new Error(`the token of ${gate.id} was used under a lock`);
  await note(deps, records, view, { outcome: "started", reason: null }, call);
  return ok({
    view: await viewOf(records, gate.id),
    lease: secretText("tgl", lease.id, secret),
    fence: begun.change.fence,
    expiresAt: lease.expiresAt,
  });
}

/** A redemption that is refused voids the token, unless it was none: a stranger cannot take a token from its owner. */
async function refuse(
  deps: RedeemGateDeps,
  records: Records,
  view: GateView,
  refused: Refusal,
  call: Call,
): Promise<Outcome> {
  const { code, reason } = refused;
  const voids = code === "content-changed" || code === "not-allowed" || code === "wrong-target";
  if (voids) await records.gates.voidToken(view.gate.id, reason);
  await note(deps, records, view, { outcome: code, reason }, call);
  return err(refused);
}

async function note(
  deps: RedeemGateDeps,
  records: Records,
  { gate, deployment }: GateView,
  { outcome, reason }: { readonly outcome: string; readonly reason: string | null },
  call: Call,
): Promise<void> {
  await records.audit.append({
    at: deps.now(),
    actor: call.actor,
    action: "gate.redeem",
    object: gate.id,
    outcome,
    reason,
    verdict: deployment.verdict,
    requestId: call.requestId,
    before: null,
    after: { deployment: deployment.id },
  });
}

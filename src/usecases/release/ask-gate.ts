import { canonical } from "#core/audit/canonical.ts";
import { changeActions } from "#core/catalog/scope.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { Artifact } from "#core/release/artifact.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import type { Call } from "#usecases/operations.ts";
import type { Records, Transact } from "#usecases/records.ts";
import { actionFlaw, mayAskFor } from "#usecases/release/action-flaw.ts";
import { admit, type AdmitDeps } from "#usecases/release/admit.ts";
import { atOneInstant, issueToken, viewOf, type GateDeps } from "#usecases/release/claim-gate.ts";
import type { GateCallback, GateRecord } from "#usecases/release/gate-records.ts";
import type { AskedGate, AskGateInput, GateOperations, GateView } from "#usecases/release/gate-types.ts";
import { invokerOf, repeatedRequest } from "#usecases/release/request-deployment.ts";

export interface AskGateDeps extends AdmitDeps, GateDeps {
  readonly transact: Transact;
  readonly newGateId: () => string;
}

type Asked = Awaited<ReturnType<GateOperations["ask"]>>;
type Refusal = Asked extends Result<AskedGate, infer Code> ? Code : never;

/**
 * The question of a pipeline (semantics §3.1). Allowed: a token at once. Otherwise parked as a row, swept like all
 * waiting work; nothing of the pipeline is held. The same question of the same run is the same gate, with a new token
 * in the place of the one before while none was used.
 */
export function makeAskGate(given: AskGateDeps): GateOperations["ask"] {
  return (input, asked) =>
    given.transact(async (records) => {
      const deps = await atOneInstant(given, records);
      const found = await findRepeated(records, input, asked);
      if (found.gate !== null) return await askAgain(deps, records, found.gate, input);
      const call: Call = { ...asked, key: found.key };
      const prepared = await prepare(deps, records, input, call);
      if (!prepared.ok) return prepared;
      const { artifact, callback, invoker } = prepared.value;
      const id = deps.newGateId();
      const { service, environment, action, whenDenied } = input;
      const subject = {
        service,
        version: artifact.version,
        environment,
        action,
        class: input.class,
        invoker,
        requestedBy: call.actor.person,
      };
      const gate = { id, whenDenied };
      const deployment = await admit(
        deps,
        records,
        { subject, artifact, whenBlocked: "wait", reason: input.externalRun, gate },
        call,
      );
      await records.gates.insert(newGate(id, deployment, input, callback, call));
      const view = await viewOf(records, id);
      return ok({ view, token: await issueToken(deps, records, view) });
    });
}

/** The gate that was asked the same, or the key that keeps a new one from being made twice. */
type Repeated = { readonly gate: GateView; readonly key: null } | { readonly gate: null; readonly key: string | null };

/**
 * One gate per account, run and key; without a key per account, run, service and environment, and for each attempt of the
 * run where it begins again. A question without a run is a new one each time.
 */
async function findRepeated(records: Records, input: AskGateInput, call: Call): Promise<Repeated> {
  const { externalRun: run, key: given, service, environment } = input;
  if (run === null) return { gate: null, key: null };
  if (given !== null) {
    const key = `gate ${run} ${given}`;
    const before = await repeatedRequest(records, { ...call, key });
    const known = before === null ? null : await records.deployments.find(before);
    return known?.run === null || known === null
      ? { gate: null, key }
      : { gate: await viewOf(records, known.run), key: null };
  }
  const asked = await records.gates.inRun(call.actor.account, run, { service, environment });
  const newest = asked[0] === undefined ? null : await viewOf(records, asked[0].id);
  const state = newest?.deployment.state;
  const isOver = state !== "waiting" && state !== "queued";
  if (newest !== null && !(isOver && input.whenOver === "ask-anew")) return { gate: newest, key: null };
  return { gate: null, key: `gate ${canonical([run, service, environment, asked.length + 1])}` };
}

async function askAgain(deps: AskGateDeps, records: Records, known: GateView, input: AskGateInput): Promise<Asked> {
  const { subject, digest } = known.deployment;
  const { service, version, environment, action } = subject;
  const isSame =
    service === input.service &&
    environment === input.environment &&
    action === input.action &&
    (input.version === null ? digest === input.digest : version === input.version);
  if (!isSame) return err("key-conflict");
  const { id } = known.gate;
  const gate = await records.gates.findForUpdate(id);
  const callback = await callbackOf(records, input);
  if (!callback.ok) return callback;
  // A run that begins again listens at a new address; the decision that GitHub waits for stays with GitHub.
  if (callback.value !== null && gate?.callback?.kind !== "github") await records.gates.callTo(id, callback.value);
  const token = await issueToken(deps, records, await viewOf(records, id));
  // Who asks by an event reads no answer: a decision that was sent before is sent again.
  if (token !== null && input.github !== undefined) await records.gates.tellAgain(id);
  return ok({ view: await viewOf(records, id), token });
}

interface Prepared {
  readonly artifact: Artifact;
  readonly callback: GateCallback | null;
  readonly invoker: "person" | "automation";
}

async function prepare(
  deps: AskGateDeps,
  records: Records,
  input: AskGateInput,
  call: Call,
): Promise<Result<Prepared, Refusal>> {
  const at = deps.now();
  const { service, environment } = input;
  const artifact =
    input.version === null
      ? await records.artifacts.findByDigest(service, input.digest ?? "")
      : await records.artifacts.find(service, input.version);
  const asked = { service, environment, version: artifact?.version ?? input.version ?? "", action: changeActions[0] };
  const known = await records.facts.load(
    {
      ...asked,
      class: input.class,
      invoker: "automation",
      requestedBy: call.actor.person,
      contentDigest: null,
      onBehalfOf: null,
    },
    at,
    horizonOf(at),
  );
  if (known.service === null) return err("no-such-service");
  if (known.environment === null) return err("no-such-environment");
  if (artifact === null) return err("no-such-artifact");
  if (!mayAskFor(input, known, call)) return err("may-not-roll-back");
  const flaw = await actionFlaw(records, input, artifact.digest);
  if (flaw !== null) return err(flaw);
  if ((await records.deployments.findOpen(service, artifact.version, environment)) !== null) return err("already-open");
  const live = await records.inventory.current(service, environment);
  if (input.action === "deploy" && live?.digest === artifact.digest) return err("already-live");
  const callback = await callbackOf(records, input);
  if (!callback.ok) return callback;
  return ok({ artifact, callback: callback.value, invoker: invokerOf(known.people, call.actor.account) });
}

async function callbackOf(
  records: Records,
  { callbackUrl, github }: AskGateInput,
): Promise<Result<GateCallback | null, "no-such-callback">> {
  if (github !== undefined) return ok(github);
  if (callbackUrl === null) return ok(null);
  const endpoint = await records.gates.endpointFor(callbackUrl);
  return endpoint === null ? err("no-such-callback") : ok({ kind: "webhook", endpoint, url: callbackUrl });
}

function newGate(
  id: string,
  deployment: GateRecord["deployment"],
  { whenDenied, externalRun, externalUrl }: AskGateInput,
  callback: GateCallback | null,
  { actor }: Call,
): GateRecord {
  return {
    id,
    deployment,
    account: actor.account,
    externalRun,
    externalUrl,
    whenDenied,
    callback,
    token: { hash: null, binding: null, issuedAt: null, expiresAt: null, usedAt: null, void: null },
    lease: null,
    result: null,
  };
}

import { isIdOf } from "#core/id.ts";
import { endOf, unclaimedAfter, type GateResult } from "#core/release/gate.ts";
import { err, ok } from "#core/result.ts";
import { isBefore } from "#core/span.ts";
import type { Call } from "#usecases/operations.ts";
import { systemActor, type Actor, type Records, type Transact } from "#usecases/records.ts";
import { isOwn, findView, viewOf, type GateDeps } from "#usecases/release/claim-gate.ts";
import { endDenied } from "#usecases/release/end-denied.ts";
import { readSecretText } from "#usecases/release/gate-token.ts";
import type { GateRecord } from "#usecases/release/gate-records.ts";
import type { GateOperations, GateView, LeaseView } from "#usecases/release/gate-types.ts";
import type { EndRun } from "#usecases/release/handle-hooks.ts";
import { tell } from "#usecases/release/move.ts";
import type { Change } from "#usecases/rollout/change.ts";
import { recordEnd, type Ending } from "#usecases/rollout/finish.ts";

export interface EndGateDeps extends Pick<GateDeps, "now" | "secrets"> {
  readonly transact: Transact;
}

/**
 * The end of a pipeline's run: inventory, lock and record in one transaction. The same result again changes nothing; one
 * that comes after its lease has ended is written down too, unless somebody else has been there since: a late holder
 * overwrites nothing of its successor's (semantics §6.2).
 */
export function makeReportResult(deps: EndGateDeps): GateOperations["report"] {
  return ({ id, lease, result }, call) =>
    deps.transact(async (records) => {
      const gate = isIdOf("gate", id) ? await records.gates.findForUpdate(id) : null;
      if (gate === null) return err("no-such-gate");
      if (gate.lease === null) return err("not-started");
      const shown = readSecretText("tgl", lease);
      const isSame = deps.secrets.equal(deps.secrets.hash(shown?.secret ?? ""), gate.lease.hash);
      if (!isSame || gate.lease.id !== `lse_${shown?.id ?? ""}`) return err("bad-lease");
      const view = await viewOf(records, id);
      if (gate.result !== null) {
        const isRepeated = gate.result.outcome === result.outcome && gate.result.live === result.live;
        return isRepeated ? ok(view) : err("other-result");
      }
      await records.gates.noteResult(id, result);
      await end(deps, records, view, result, call.actor);
      return ok(await viewOf(records, id));
    });
}

async function end(
  deps: Pick<EndGateDeps, "now">,
  records: Records,
  { gate, deployment }: GateView,
  result: GateResult,
  actor: Actor,
): Promise<void> {
  const { service, version, environment } = deployment.subject;
  const at = deps.now();
  const came = endOf(result, version, deployment.control);
  const { endedAt, fence } = deployment;
  const isLate = endedAt !== null && (await records.inventory.isOvertaken({ service, environment, fence, endedAt }));
  await noteEnd(records, gate, { at, actor, outcome: isLate ? "overtaken" : came.kind, after: result });
  if (isLate) return;
  const isLive = came.kind === "went-live" || result.live === version;
  const { id, digest } = deployment;
  if (isLive) await records.inventory.record({ service, environment, version, digest, at, deployment: id });
  if (endedAt !== null) {
    if (isLive) await records.deployments.wake(environment, at);
    return;
  }
  const change = changeOf({ gate, deployment });
  if (came.kind === "went-live") {
    const outcome = `${service}@${version} is live in ${environment}, says the pipeline that deployed it.`;
    await recordEnd(deps, records, change, { event: { kind: "went-live" }, outcome });
    return;
  }
  await recordEnd(deps, records, change, endingOf(came.kind, result, change));
}

function endingOf(kind: "never-changed" | "lost-sight", { outcome, live }: GateResult, change: Change): Ending {
  const { service, version, environment } = change;
  if (kind === "never-changed") {
    const sentence = `The pipeline failed; ${service}@${live ?? ""} is still live in ${environment}, it says.`;
    return { event: { kind }, outcome: sentence };
  }
  const says = live === null ? "does not say what is live" : `says that ${live} is live`;
  const sentence = `The pipeline of ${service}@${version} ${outcome} and ${says} in ${environment}: somebody has to look.`;
  return { event: { kind }, outcome: sentence };
}

function changeOf({ deployment }: Pick<GateView, "gate" | "deployment">): Change {
  const { service, version, environment } = deployment.subject;
  const { digest, control, fence } = deployment;
  if (fence === null) throw new Error(`${deployment.id} runs without a lock`);
  return {
    deployment: deployment.id,
    service,
    version,
    digest,
    environment,
    control,
    fence,
    stages: [],
    dependencies: [],
  };
}

/** Withdraws a question that has not started; what runs is ended by its result. */
export function makeCancelGate(deps: EndGateDeps): GateOperations["cancel"] {
  return ({ id, reason }, call) =>
    deps.transact(async (records) => {
      const gate = isIdOf("gate", id) ? await records.gates.findForUpdate(id) : null;
      if (gate === null) return err("no-such-gate");
      if (!isOwn(gate, call)) return err("not-your-gate");
      const { deployment } = await viewOf(records, id);
      if (deployment.endedAt !== null) return err("already-ended");
      if (deployment.state === "running") return err("already-started");
      await cancel(deps, records, gate, `Cancelled by its pipeline: ${reason}`, call);
      return ok(await viewOf(records, id));
    });
}

async function cancel(
  deps: Pick<EndGateDeps, "now">,
  records: Records,
  gate: GateRecord,
  outcome: string,
  call: Pick<Call, "actor">,
): Promise<void> {
  const at = deps.now();
  const deployment = await records.deployments.findForUpdate(gate.deployment);
  if (deployment === null) throw new Error(`the deployment of ${gate.id} is gone`);
  await tell(records, deployment, { kind: "cancelled" }, { nextCheckAt: null, endedAt: at, outcome });
  await records.gates.voidToken(gate.id, "the gate was cancelled");
  await noteEnd(records, gate, { at, actor: call.actor, outcome: "cancelled", after: { outcome } });
}

async function noteEnd(
  records: Records,
  gate: GateRecord,
  what: { readonly at: Temporal.Instant; readonly actor: Actor; readonly outcome: string; readonly after: unknown },
): Promise<void> {
  await records.audit.append({
    ...what,
    action: "gate.end",
    object: gate.id,
    reason: null,
    verdict: null,
    requestId: null,
    before: null,
  });
}

/** What a lease still allows; null for everything that is none, or is over. */
export function makeCheckLease(deps: EndGateDeps): GateOperations["checkLease"] {
  return (text) =>
    deps.transact(async (records): Promise<LeaseView | null> => {
      const shown = readSecretText("tgl", text);
      const gate = await records.gates.findByLease(`lse_${shown?.id ?? ""}`);
      const isSame = deps.secrets.equal(deps.secrets.hash(shown?.secret ?? ""), gate?.lease?.hash ?? "");
      if (!isSame || gate === null || gate.lease === null) return null;
      if (!isBefore(deps.now(), gate.lease.expiresAt)) return null;
      const { deployment } = await viewOf(records, gate.id);
      if (deployment.state !== "running" || deployment.fence === null) return null;
      const { service, version, environment, action } = deployment.subject;
      const { digest, fence } = deployment;
      return { gate: gate.id, service, version, digest, environment, action, fence, expiresAt: gate.lease.expiresAt };
    });
}

type Said = Parameters<EndRun>[0]["end"];
type Settled = Awaited<ReturnType<EndRun>>;

/**
 * What a webhook of the gate's own account says of a run: its source has proven itself, so no lease is asked for. A run
 * that ends without having redeemed a token was never allowed to deploy: whatever it did changes no record. Of several
 * gates of a run a cancellation ends all that are open, and a result has to say which it is about.
 */
export function makeEndRun(deps: EndGateDeps): EndRun {
  return ({ run, of, end: said }, call) =>
    deps.transact(async (records): Promise<Settled> => {
      const asked = await records.gates.inRun(call.actor.account, run, of);
      const [newest] = asked;
      if (newest === undefined) return { state: "ignored", sentence: `no gate was asked for in ${run}`, gate: null };
      const open: GateView[] = [];
      for (const { id } of asked) {
        await records.gates.findForUpdate(id);
        const view = await viewOf(records, id);
        if (!isOnRecord(view)) open.push(view);
      }
      // One that was lost sight of may still be told how it ended, but stands in nobody's way.
      const live = open.filter(({ deployment }) => deployment.endedAt === null);
      const [first, ...others] = live.length > 0 ? live : open.slice(0, 1);
      if (first === undefined) return { state: "ignored", sentence: "its end is on record", gate: newest.id };
      if (others.length > 0 && said.kind === "result") {
        const sentence = `${live.length} gates of ${run} are open: say service and environment of the one that is meant`;
        return { state: "failed", sentence, gate: null };
      }
      for (const view of others) await endOne(deps, records, view, { run, said }, call);
      return await endOne(deps, records, first, { run, said }, call);
    });
}

function isOnRecord({ gate, deployment }: GateView): boolean {
  return gate.result !== null || (deployment.endedAt !== null && gate.lease === null);
}

async function endOne(
  deps: EndGateDeps,
  records: Records,
  view: GateView,
  { run, said }: { readonly run: string; readonly said: Said },
  call: Call,
): Promise<Settled> {
  const { gate } = view;
  if (gate.lease === null) {
    if (said.kind === "result" && said.result.outcome === "succeeded") {
      const sentence = "it has redeemed no token, so nothing is recorded of what it says it did";
      return { state: "ignored", sentence, gate: gate.id };
    }
    await cancel(deps, records, gate, `Its run ended without deploying: ${run}.`, call);
    return { state: "done", sentence: "the gate is cancelled", gate: gate.id };
  }
  const result = said.kind === "result" ? said.result : ({ outcome: "failed", live: null } as const);
  await records.gates.noteResult(gate.id, result);
  await end(deps, records, view, result, call.actor);
  return { state: "done", sentence: `recorded as ${result.outcome}`, gate: gate.id };
}

export function makeShowGate({ transact }: Pick<EndGateDeps, "transact">): GateOperations["show"] {
  return (id) => transact((records) => findView(records, id));
}

/** Most gates that one turn ends. */
const lapseLimit = 50;

/**
 * One turn of tidying: gates that nobody claims end, runs that never reported are lost sight of, and parked gates that
 * are denied by now are told so, so that none holds a place, a lock or a pipeline for ever. Returns how many.
 */
export function makeLapseGates(deps: EndGateDeps): () => Promise<number> {
  return () =>
    deps.transact(async (records) => {
      const now = deps.now();
      const unclaimed = await records.gates.unclaimed(now.subtract(unclaimedAfter), lapseLimit);
      const outcome = `It was allowed, and within ${unclaimedAfter.hours} hours nobody took a token to deploy with.`;
      for (const gate of unclaimed) await cancel(deps, records, gate, outcome, { actor: systemActor });
      const lapsed = await records.gates.lapsed(now, lapseLimit);
      for (const gate of lapsed) {
        const change = changeOf(await viewOf(records, gate.id));
        const sentence = `The pipeline that started ${change.service}@${change.version} never reported its end: somebody has to look at ${change.environment}.`;
        await recordEnd(deps, records, change, { event: { kind: "lost-sight" }, outcome: sentence });
        await noteEnd(records, gate, { at: now, actor: systemActor, outcome: "lost-sight", after: null });
      }
      const denied = await records.gates.denied(lapseLimit);
      for (const gate of denied) await endDenied(records, gate, now);
      return unclaimed.length + lapsed.length + denied.length;
    });
}

import { forwardActions } from "#core/catalog/scope.ts";
import { criteriaFor } from "#core/criteria/criterion.ts";
import type { DeploymentId } from "#core/id.ts";
import type { Facts } from "#core/policy/facts.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { rolloutMethods } from "#core/rollout/method-registry.ts";
import { methodOf, sayWayBack } from "#core/rollout/strategy.ts";
import { wayOf } from "#core/rollout/way.ts";
import { settleStart } from "#usecases/exemption/settle-start.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import { systemActor, type DeploymentRecord, type Records } from "#usecases/records.ts";
import { contentNow, strategyOf } from "#usecases/release/content.ts";
import { tell } from "#usecases/release/move.ts";
import { firstCheck } from "#usecases/release/next-check.ts";
import { wayIn, type Change, type RolloutDeps } from "#usecases/rollout/change.ts";

export type Begun =
  | { readonly go: true; readonly change: Change }
  /** Not now: it waits again, or it had ended before its turn came. */
  | { readonly go: false; readonly because: "ended" | "locked" | "verdict" | "content-changed" };

/** The lock of an environment: one rollout at a time (semantics §6.2). */
export function environmentLock(environment: string): string {
  return `environment:${environment}`;
}

/**
 * The first step of a run, in one transaction: lock with a new fencing number, content compared with what was
 * approved, facts judged once more. A go given yesterday knows nothing of a freeze declared this morning.
 */
export async function beginRun(
  deps: Pick<RolloutDeps, "now" | "judge" | "digestOf">,
  records: Records,
  id: DeploymentId,
): Promise<Begun> {
  const deployment = await records.deployments.findForUpdate(id);
  if (deployment === null || deployment.state !== "queued") return { go: false, because: "ended" };
  const at = deps.now();
  const key = environmentLock(deployment.subject.environment);
  const lock = await records.locks.take(key, id, null);
  const facts = await records.facts.load({ ...deployment.subject, onBehalfOf: id }, at, horizonOf(at));
  const verdict = deps.judge(facts);
  const verdictId = await records.verdicts.save(verdict, facts, "start", id);
  if (!lock.taken) return await putBack(records, deployment, verdict, at, { kind: "locked", holder: lock.by.holder });
  const isStale = await isStaleWayBack(records, deployment, lock.fence);
  if (isStale || (await contentNow(deps, records, facts)) !== deployment.contentDigest) {
    await records.locks.release(key, id);
    return await voidContent(records, deployment, at, isStale ? anotherIsLive : contentChanged);
  }
  if (verdict.decision !== "allow") {
    await records.locks.release(key, id);
    return await putBack(records, deployment, verdict, at, { kind: "verdict" });
  }
  const control = await records.inventory.current(deployment.subject.service, deployment.subject.environment);
  const wanted = { ...(await criteriaOf(records, facts)), ...noReturnOf(facts) };
  const change = { ...changeOf(deployment, facts, control, lock.fence), ...wanted };
  const start = { startedAt: at, fence: lock.fence, control: change.control, verdict: verdictId };
  await tell(records, deployment, { kind: "started" }, start);
  await noteStart(records, change, verdictId, at);
  await settleStart(records, { deployment: id, facts, verdict, verdictId, gate: "start", at });
  return { go: true, change };
}

type Live = Awaited<ReturnType<Records["inventory"]["current"]>>;

function changeOf(deployment: DeploymentRecord, facts: Facts, control: Live, fence: number): Change {
  const { service, version, environment } = deployment.subject;
  const strategy = strategyOf(facts);
  return {
    deployment: deployment.id,
    service,
    version,
    digest: deployment.digest,
    environment,
    control: control?.version ?? null,
    controlDigest: control?.digest ?? null,
    fence,
    stages: rolloutMethods[methodOf(strategy)].stages(strategy),
    way: wayOf(strategy, facts.service?.rollout ?? {}),
    dependencies: dependenciesOf(facts),
    ...(deployment.subject.action === "roll-back" ? { back: sayWayBack(strategy) } : {}),
  };
}

/** What must hold while it is watched, fixed when it begins like everything else of the run. */
async function criteriaOf(records: Records, facts: Facts): Promise<Pick<Change, "criteria" | "checks" | "zone">> {
  const scope = subjectScope(facts);
  const zone = facts.environment?.zone ?? "UTC";
  if (scope === null) return { criteria: [], checks: [], zone };
  return { ...criteriaFor((await records.catalog.inForce()).criteria, scope), zone };
}

/** What goes back itself has no point behind which it would have to go forward. */
export function noReturnOf({ subject, rollback }: Pick<Facts, "subject" | "rollback">): Pick<Change, "noReturn"> {
  const noReturn = rollback?.pointOfNoReturn ?? null;
  return noReturn === null || !forwardActions.includes(subject.action) ? {} : { noReturn };
}

function dependenciesOf(facts: Facts): readonly string[] {
  const called = facts.service?.dependsOn.filter(({ kind }) => kind === "sync" || kind === "data") ?? [];
  return called.map(({ on }) => on);
}

async function noteStart(
  records: Records,
  change: Change,
  verdict: Awaited<ReturnType<Records["verdicts"]["save"]>>,
  at: Temporal.Instant,
): Promise<void> {
  const { method } = wayIn(change);
  const beside = method === "stop-start" ? "in place of" : "beside";
  const against = change.control === null ? "the first version there" : `${beside} ${change.control}`;
  const by = method === "canary" ? "" : `, by ${rolloutMethods[method].title.toLowerCase()}`;
  const back = change.back === undefined ? "" : ` ${change.back}`;
  await records.timeline.append({
    deployment: change.deployment,
    at,
    step: "lock",
    name: "take the lock",
    phase: "done",
    sentence: `Holds the lock of ${change.environment} under number ${change.fence}; every rule passes; starts ${against}${by}.${back}`,
    detail: {
      fence: change.fence,
      control: change.control,
      stages: change.stages.map(({ percent }) => percent),
      plan: change.stages,
      ...(method === "canary" ? {} : { method }),
    },
  });
  await records.audit.append({
    at,
    actor: systemActor,
    action: "deployment.start",
    object: change.deployment,
    outcome: "running",
    reason: null,
    verdict,
    requestId: null,
    before: { state: "queued" },
    after: { ...change },
  });
}

type Obstacle = { readonly kind: "locked"; readonly holder: string } | { readonly kind: "verdict" };

/** A lock that is held is looked for again soon; everything else when the verdict says. */
const lockedPause = { seconds: 5 } as const;

async function putBack(
  records: Records,
  deployment: DeploymentRecord,
  verdict: Verdict,
  at: Temporal.Instant,
  obstacle: Obstacle,
): Promise<Begun> {
  const isLocked = obstacle.kind === "locked";
  const why = isLocked ? `the lock is held by ${obstacle.holder}` : `the verdict at the start is ${verdict.decision}`;
  const nextCheckAt = isLocked ? at.add(lockedPause) : firstCheck(at);
  await tell(records, deployment, { kind: "blocked" }, { nextCheckAt });
  await records.timeline.append({
    deployment: deployment.id,
    at,
    step: "judge",
    name: `judge at the start ${at.toString()}`,
    phase: "info",
    sentence: `Not started: ${why}. It waits again.`,
    detail: { nextOpening: verdict.nextOpening?.toString() ?? null },
  });
  return { go: false, because: obstacle.kind };
}

/** A way back is asked for because of what is live then; whatever went live since, nobody has asked to take back. */
async function isStaleWayBack(records: Records, deployment: DeploymentRecord, fence: number): Promise<boolean> {
  const { subject, requestedAt } = deployment;
  const { service, environment, action } = subject;
  if (action !== "roll-back") return false;
  return await records.inventory.isOvertaken({ service, environment, fence, endedAt: requestedAt });
}

const contentChanged = "What would run is no longer what was requested and approved; request it again.";
const anotherIsLive =
  "Another version has gone live since this way back was asked for; ask again if that is to go back.";

async function voidContent(
  records: Records,
  deployment: DeploymentRecord,
  at: Temporal.Instant,
  outcome: string,
): Promise<Begun> {
  await tell(records, deployment, { kind: "rejected" }, { endedAt: at, outcome });
  await records.audit.append({
    at,
    actor: systemActor,
    action: "deployment.void",
    object: deployment.id,
    outcome: "content-changed",
    reason: outcome,
    verdict: deployment.verdict,
    requestId: null,
    before: { contentDigest: deployment.contentDigest },
    after: null,
  });
  return { go: false, because: "content-changed" };
}

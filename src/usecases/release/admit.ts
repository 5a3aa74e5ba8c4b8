import type { BookingId, DeploymentId, VerdictId } from "#core/id.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import type { Artifact } from "#core/release/artifact.ts";
import { horizonOf, type Judge } from "#usecases/policy/ask-verdict.ts";
import type { Call } from "#usecases/operations.ts";
import type { DeploymentRecord, Records } from "#usecases/records.ts";
import { contentDigest, type DigestOf } from "#usecases/release/content.ts";
import { plannedSpan } from "#usecases/release/planned-span.ts";
import { firstCheck } from "#usecases/release/next-check.ts";

export interface AdmitDeps {
  readonly now: () => Temporal.Instant;
  readonly judge: Judge;
  readonly digestOf: DigestOf;
  readonly newDeploymentId: () => DeploymentId;
  readonly newBookingId: () => BookingId;
  readonly startRun: StartRun;
}

/**
 * Enqueues the durable run of a deployment in the caller's transaction; `verdict` is the one that let it through.
 * Returns the id of the run.
 */
export type StartRun = (records: Records, deployment: DeploymentRecord, verdict: VerdictId) => Promise<string>;

export interface Admission {
  readonly subject: Omit<Subject, "contentDigest" | "onBehalfOf">;
  readonly artifact: Artifact;
  readonly whenBlocked: "wait" | "fail";
  readonly reason: string | null;
  /** Loaded already, on behalf of the id that the deployment will have. */
  readonly known?: { readonly id: DeploymentId; readonly facts: Facts };
  /** A pipeline carries it out: no run of ours is started, and a denial ends it unless it asks to be parked. */
  readonly gate?: { readonly id: string; readonly whenDenied: "end" | "park" };
}

/**
 * The one way in for work: facts at one instant → verdict with all reasons → booking and deployment → started when
 * allowed, waiting on a durable timer or ended when not. Everything commits with the caller's transaction.
 */
export async function admit(
  deps: AdmitDeps,
  records: Records,
  admission: Admission,
  call: Call,
): Promise<DeploymentId> {
  const { id, facts: loaded } = admission.known ?? (await load(deps, records, admission.subject));
  const { at } = loaded;
  const digest = contentDigest(deps.digestOf, loaded, admission.artifact);
  const subject: Subject = { ...loaded.subject, contentDigest: digest };
  const facts = { ...loaded, subject };
  const verdict = deps.judge(facts);
  const verdictId = await records.verdicts.save(verdict, facts, admission.gate === undefined ? "request" : "gate", id);
  const deployment = toRecord(
    deps,
    { id, subject, digest, verdict, verdictId, at, requestKey: requestKeyOf(call) },
    admission,
  );
  const planned = plannedSpan(verdict, { at, horizon: facts.horizon, agreed: null, before: null });
  await records.deployments.insert(deployment, planned);
  await records.audit.append({
    at,
    actor: call.actor,
    action: `deployment.request`,
    object: id,
    outcome: verdict.decision,
    reason: admission.reason,
    verdict: verdictId,
    requestId: call.requestId,
    before: null,
    after: {
      service: subject.service,
      version: subject.version,
      environment: subject.environment,
      action: subject.action,
      contentDigest: digest,
      state: deployment.state,
    },
  });
  if (deployment.state === "queued") {
    await records.deployments.note(id, { run: await deps.startRun(records, deployment, verdictId) });
  }
  return id;
}

async function load(
  deps: Pick<AdmitDeps, "now" | "newDeploymentId">,
  records: Records,
  subject: Admission["subject"],
): Promise<NonNullable<Admission["known"]>> {
  const at = deps.now();
  const id = deps.newDeploymentId();
  return {
    id,
    facts: await records.facts.load({ ...subject, contentDigest: null, onBehalfOf: id }, at, horizonOf(at)),
  };
}

/** Keys of two accounts never meet. */
export function requestKeyOf({ actor, key }: Call): string | null {
  return key === undefined || key === null ? null : `${actor.account} ${key}`;
}

interface Judged {
  readonly id: DeploymentId;
  readonly subject: Subject;
  readonly digest: string;
  readonly verdict: Verdict;
  readonly verdictId: VerdictId;
  readonly at: Temporal.Instant;
  readonly requestKey: string | null;
}

function toRecord(deps: AdmitDeps, judged: Judged, admission: Admission): DeploymentRecord {
  const { verdict, at } = judged;
  const { gate, whenBlocked } = admission;
  const ends = whenBlocked === "fail" || (gate?.whenDenied === "end" && verdict.decision === "deny");
  const state = verdict.decision === "allow" ? "queued" : ends ? "rejected" : "waiting";
  return {
    id: judged.id,
    booking: deps.newBookingId(),
    subject: judged.subject,
    digest: admission.artifact.digest,
    contentDigest: judged.digest,
    state,
    whenBlocked: admission.whenBlocked,
    verdict: judged.verdictId,
    nextCheckAt: state === "waiting" ? firstCheck(at) : null,
    requestedAt: at,
    startedAt: null,
    endedAt: state === "rejected" ? at : null,
    control: null,
    fence: null,
    percent: 0,
    outcome: state === "rejected" ? `Not allowed (${verdict.decision}) and asked not to wait.` : null,
    abortRequestedBy: null,
    requestKey: judged.requestKey,
    run: gate?.id ?? null,
    held: null,
  };
}

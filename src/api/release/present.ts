import type { z } from "zod";
import type { Permission } from "#contract/permission.ts";
import type { deploymentDetail, deploymentSummary } from "#contract/release.ts";
import type { DeepReadonly } from "#api/handler.ts";
import { headlineOf } from "#api/release/headline.ts";
import { presentVerdict } from "#api/policy/present.ts";
import { can } from "#core/access/can.ts";
import { whyNotOpen } from "#core/approval/open-consent.ts";
import type { Identity } from "#usecases/access/identity.ts";
import { isTerminal } from "#core/rollout/state.ts";
import type { DeploymentRecord } from "#usecases/records.ts";
import type { DeploymentFullView, DeploymentView } from "#usecases/views.ts";

type Summary = DeepReadonly<z.input<typeof deploymentSummary>>;
type Detail = DeepReadonly<z.input<typeof deploymentDetail>>;
type Action = Detail["actions"][number];

export function presentSummary({ record, verdict }: DeploymentView, asOf: Temporal.Instant): Summary {
  const { service, version, environment, action, requestedBy } = record.subject;
  return {
    id: record.id,
    service,
    version,
    environment,
    action,
    state: record.state,
    headline: headlineOf(record, verdict),
    percent: record.percent,
    control: record.control,
    requestedBy: requestedBy ?? "system",
    requestedAt: record.requestedAt.toString(),
    startedAt: record.startedAt?.toString() ?? null,
    endedAt: record.endedAt?.toString() ?? null,
    opensAt: record.state === "waiting" ? (verdict?.nextOpening?.toString() ?? null) : null,
    asOf: asOf.toString(),
  };
}

export function presentDetail(view: DeploymentFullView, viewer: Identity, asOf: Temporal.Instant): Detail {
  const { record, verdict } = view;
  return {
    ...presentSummary(view, asOf),
    // Until it starts, what is live now would be its former version.
    control: hasStarted(record) ? record.control : view.liveVersion,
    digest: record.digest,
    contentDigest: record.contentDigest,
    fence: record.fence,
    outcome: record.outcome,
    verdict: verdict === null ? null : presentVerdict(verdict),
    timeline: view.timeline.map(({ seq, at, step, name, phase, sentence, detail }) => ({
      seq,
      at: at.toString(),
      step,
      name,
      phase,
      sentence,
      detail: detail ?? null,
    })),
    approvals: view.approvals.map(({ person, decision, reason, at, despite }) => ({
      person,
      decision,
      reason,
      at: at.toString(),
      ...(despite === undefined ? {} : { despite }),
    })),
    queue:
      view.queue === null
        ? null
        : {
            position: view.queue.position,
            holder: view.queue.holder,
            expectedTo: view.queue.expectedTo?.toString() ?? null,
          },
    actions: actionsOn(view, viewer, asOf),
  };
}

/**
 * What the viewer may do now, from the same policy function that decides at the call, and from the state. The call
 * decides again: an action shown as allowed may be refused a moment later.
 */
export function actionsOn(view: DeploymentFullView, viewer: Identity, at: Temporal.Instant): readonly Action[] {
  const { record } = view;
  return [
    actionFor(viewer, "approve", "approval.decide", whyNotApprove(view, viewer, at)),
    actionFor(viewer, "reject", "approval.decide", whyNotReject(view, viewer, at)),
    actionFor(viewer, "abort", "deployment.abort", whyNotAbort(record)),
    actionFor(viewer, "go-on", "deployment.decide", whyNotDecideHeld(record)),
    actionFor(viewer, "go-back", "deployment.decide", whyNotDecideHeld(record)),
    actionFor(viewer, "roll-back", "deployment.roll-back", whyNotRollBack(record)),
  ];
}

function actionFor(viewer: Identity, name: string, permission: Permission, obstacle: string | null): Action {
  if (obstacle !== null) return { name, allowed: false, because: obstacle };
  const decided = can({ person: viewer.person }, permission);
  return { name, allowed: decided.allowed, because: decided.because.join(" ") };
}

function hasEnded(record: DeploymentRecord): boolean {
  return isTerminal(record.state);
}

function hasStarted({ state, startedAt }: DeploymentRecord): boolean {
  return startedAt !== null || isTerminal(state);
}

function whyNotApprove(view: DeploymentFullView, { person }: Identity, at: Temporal.Instant): string | null {
  const over = whyOver(view.record);
  return over ?? whyNotOpen(view.consent, view.approvals, person.name, at)?.sentence ?? null;
}

/** Content that has all its approvals can still be rejected before it starts. */
function whyNotReject(view: DeploymentFullView, { person }: Identity, at: Temporal.Instant): string | null {
  const over = whyOver(view.record);
  if (over !== null) return over;
  const found = whyNotOpen(view.consent, view.approvals, person.name, at);
  return found === null || found.code === "enough" ? null : found.sentence;
}

function whyOver(record: DeploymentRecord): string | null {
  if (hasEnded(record)) return `The deployment has ended: ${record.state}.`;
  return record.state === "running" ? "The deployment has started; abort it instead." : null;
}

function whyNotAbort(record: DeploymentRecord): string | null {
  if (hasEnded(record)) return `The deployment has ended: ${record.state}.`;
  return record.abortRequestedBy === null ? null : `${record.abortRequestedBy} has asked for it.`;
}

function whyNotDecideHeld(record: DeploymentRecord): string | null {
  if (hasEnded(record)) return `The deployment has ended: ${record.state}.`;
  return record.held === null ? "It does not hold its position: there is nothing to decide." : null;
}

function whyNotRollBack(record: DeploymentRecord): string | null {
  if (!hasEnded(record)) return "The deployment has not ended; abort it instead.";
  if (record.state !== "succeeded") return `Only what succeeded can be rolled back; this ended as ${record.state}.`;
  return record.control === null ? "No version was live before it." : null;
}

/** What an approver is asked, in one sentence. */
export function askOf({ record }: DeploymentView): string {
  const { service, version, environment, requestedBy, action } = record.subject;
  return `${requestedBy ?? "The system"} asks for ${action} of ${service} ${version} in ${environment}.`;
}

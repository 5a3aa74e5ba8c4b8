import type { z } from "zod";
import type { Permission } from "#contract/permission.ts";
import type { deploymentDetail, deploymentSummary } from "#contract/release.ts";
import type { DeepReadonly } from "#api/handler.ts";
import { headlineOf } from "#api/release/headline.ts";
import { presentVerdict } from "#api/policy/present.ts";
import { can } from "#core/access/can.ts";
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
    approvals: view.approvals.map(({ person, decision, reason, at }) => ({
      person,
      decision,
      reason,
      at: at.toString(),
    })),
    queue:
      view.queue === null
        ? null
        : {
            position: view.queue.position,
            holder: view.queue.holder,
            expectedTo: view.queue.expectedTo?.toString() ?? null,
          },
    actions: actionsOn(view, viewer),
  };
}

/**
 * What the viewer may do now, from the same policy function that decides at the call, and from the state. The call
 * decides again: an action shown as allowed may be refused a moment later.
 */
export function actionsOn(view: DeploymentFullView, viewer: Identity): readonly Action[] {
  const { record } = view;
  return [
    actionFor(viewer, "approve", "approval.decide", whyNotDecide(view, viewer)),
    actionFor(viewer, "reject", "approval.decide", whyNotDecide(view, viewer)),
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

function whyNotDecide({ record, approvals }: DeploymentFullView, { person }: Identity): string | null {
  if (hasEnded(record)) return `The deployment has ended: ${record.state}.`;
  if (record.state === "running") return "The deployment has started; abort it instead.";
  if (record.subject.requestedBy === person.name) return "Nobody decides on their own request.";
  const mine = approvals.find(
    (approval) => approval.person === person.name && approval.contentDigest === record.contentDigest,
  );
  return mine === undefined ? null : `You have ${mine.decision} this content.`;
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

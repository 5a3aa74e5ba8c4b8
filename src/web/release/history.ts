import { noticeSentence, type Notice } from "#web/policy/notices.ts";
import type { IconName } from "#web/ui/icons.tsx";
import { isOpen, stateLook, type DeploymentDetail, type TimelineEvent, type Tone } from "#web/release/deployment.ts";

export interface HistoryLine {
  readonly key: string;
  readonly at: string;
  readonly look: { readonly icon: IconName; readonly tone: Tone; readonly label: string };
  readonly name: string;
  readonly sentence: string;
  /** Told about a notice alone: what changed in between. */
  readonly notice: Notice | null;
}

const phases: Readonly<Record<TimelineEvent["phase"], HistoryLine["look"]>> = {
  started: { icon: "play", tone: "motion", label: "Started" },
  done: { icon: "check", tone: "good", label: "Done" },
  failed: { icon: "cross", tone: "bad", label: "Failed" },
  info: { icon: "arrow", tone: "rest", label: "Note" },
};

type Told = Pick<
  DeploymentDetail,
  "timeline" | "state" | "requestedAt" | "requestedBy" | "approvals" | "headline" | "service" | "version"
>;

/** The request, the decisions, corrections and the run in the order in which they happened. */
export function historyOf(deployment: Told, notices: readonly Notice[]): readonly HistoryLine[] {
  const lines = [
    requestLine(deployment),
    ...deployment.approvals.map(approvalLine),
    ...notices.map(noticeLine),
    ...deployment.timeline.map((event) => eventLine(event, deployment.state)),
  ];
  // Stable: what happened in the same second stays in the order given here.
  return lines.toSorted((left, right) =>
    Temporal.Instant.compare(Temporal.Instant.from(left.at), Temporal.Instant.from(right.at)),
  );
}

function requestLine({ requestedAt, requestedBy, service, version }: Told): HistoryLine {
  return {
    key: "request",
    at: requestedAt,
    look: { icon: "plus", tone: "rest", label: "Asked" },
    name: "request",
    sentence: `${requestedBy} asked for ${service} ${version}.`,
    notice: null,
  };
}

function approvalLine({ person, decision, reason, at }: Told["approvals"][number]): HistoryLine {
  const isApproval = decision === "approved";
  return {
    key: `approval ${person} ${at}`,
    at,
    look: isApproval
      ? { icon: "check", tone: "good", label: "Approved" }
      : { icon: "cross", tone: "bad", label: "Rejected" },
    name: "approval",
    sentence: `${person} ${decision} this content${reason === null ? "" : `: ${reason}`}${endOf(reason)}`,
    notice: null,
  };
}

function endOf(reason: string | null): string {
  return reason !== null && /[.!?]$/.test(reason) ? "" : ".";
}

function noticeLine(notice: Notice): HistoryLine {
  return {
    key: `notice ${notice.person} ${notice.verdict}`,
    at: notice.at,
    look: { icon: "warning", tone: "wait", label: "Corrected" },
    name: "notice",
    sentence: noticeSentence(notice),
    notice,
  };
}

function eventLine(event: TimelineEvent, state: DeploymentDetail["state"]): HistoryLine {
  return {
    key: `event ${event.seq}`,
    at: event.at,
    // The last line says how it ended, in the word of the state: going back is no failure of the run.
    look: event.step === "record" && !isOpen(state) ? stateLook(state) : phases[event.phase],
    name: event.name,
    sentence: event.sentence,
    notice: null,
  };
}

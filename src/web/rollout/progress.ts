import { z } from "zod";
import { defaultStrategy } from "#core/rollout/strategy.ts";
import { isOpen, stateLook, type DeploymentDetail, type TimelineEvent } from "#web/release/deployment.ts";

/**
 * The timeline of a deployment as a row of milestones. Every line of the timeline belongs to one milestone by its kind
 * and share; what has not begun is listed as upcoming. Nothing here is judged: a milestone failed when its line says so.
 */
export type StepStatus =
  | "done"
  | "active"
  /** Under way and at rest: the run holds its position until somebody decides. */
  | "held"
  | "failed"
  /** Left before it was done, through no fault that was proven: aborted, or without enough evidence. */
  | "left"
  | "upcoming";

export interface Step {
  readonly id: string;
  readonly title: string;
  readonly status: StepStatus;
  /** What the timeline says of it last; null for what has not begun. */
  readonly sentence: string | null;
  readonly at: string | null;
  /** Share in per cent for the stages of the traffic; null elsewhere. */
  readonly percent: number | null;
}

const detailShape = z.object({ percent: z.number().optional(), stages: z.array(z.number()).max(50).optional() });

interface Mark {
  readonly percent: number | null;
  readonly stages: readonly number[] | null;
}

function markOf(event: TimelineEvent): Mark {
  const parsed = detailShape.safeParse(event.detail);
  const fromName = /(\d{1,3})(?:\.\d+)? ?%/.exec(`${event.name} ${event.sentence}`)?.[1];
  const named = fromName === undefined ? null : Number(fromName);
  if (!parsed.success) return { percent: named, stages: null };
  return { percent: parsed.data.percent ?? named, stages: parsed.data.stages ?? null };
}

/** Milestone of a line; null for a line that belongs to none (a check in between). */
function milestoneOf(event: TimelineEvent, seen: ReadonlySet<string>): string | null {
  const isGoingBack = seen.has("roll-back");
  switch (event.step) {
    case "lock":
    case "preflight":
    case "smoke":
    case "roll-back":
    case "verify":
      return event.step;
    case "start-version":
      return "start";
    case "judge":
      return seen.has("lock") ? null : "gate";
    case "wait":
    case "shift-traffic":
    case "observe": {
      if (event.step === "wait" && !seen.has("lock")) return "gate";
      const { percent } = markOf(event);
      if (isGoingBack) return "roll-back";
      return percent === null ? null : `stage-${percent}`;
    }
    case "record":
      return "end";
    default:
      return null;
  }
}

/** The stages in force: those that the run names, else those it has gone through and the usual ones above them. */
export function stagesOf(timeline: readonly TimelineEvent[]): readonly number[] {
  for (const event of timeline) {
    const { stages } = markOf(event);
    if (stages !== null) return stages;
  }
  const seen = new Set<number>();
  for (const event of timeline) {
    if (event.step === "roll-back") break;
    const { percent } = markOf(event);
    if ((event.step === "shift-traffic" || event.step === "observe") && percent !== null && percent > 0)
      seen.add(percent);
  }
  const highest = Math.max(0, ...seen);
  for (const { percent } of defaultStrategy.stages) if (percent > highest) seen.add(percent);
  return [...seen].sort((left, right) => left - right);
}

function skeleton(
  detail: DeploymentDetail,
): readonly { readonly id: string; readonly title: string; readonly percent: number | null }[] {
  const plain = (id: string, title: string) => ({ id, title, percent: null });
  return [
    plain("gate", "Allowed to start"),
    plain("lock", `Lock ${detail.environment}`),
    plain("preflight", "Preflight"),
    plain("start", `Start ${detail.version}`),
    plain("smoke", "Smoke checks"),
    ...stagesOf(detail.timeline).map((percent) => ({
      id: `stage-${percent}`,
      title: `${percent} % of traffic`,
      percent,
    })),
    plain("roll-back", `Roll back to ${detail.control ?? "the former version"}`),
    plain("verify", "Verified at the target"),
    plain("end", endTitle(detail)),
  ];
}

/** What the last line is called: where it leads while it is open, what came of it afterwards. */
function endTitle({ state, version }: DeploymentDetail): string {
  return isOpen(state) || state === "succeeded" ? `${version} is live` : stateLook(state).label;
}

/** Milestones in order, for the column beside the charts. */
export function stepsOf(detail: DeploymentDetail): readonly Step[] {
  const events = new Map<string, TimelineEvent[]>();
  for (const event of detail.timeline) {
    const id = milestoneOf(event, new Set(events.keys()));
    if (id === null) continue;
    const list = events.get(id);
    if (list === undefined) events.set(id, [event]);
    else list.push(event);
  }
  const reached = [...events.keys()];
  const isGoingBack = events.has("roll-back");
  const steps: Step[] = [];
  for (const [index, { id, title, percent }] of skeleton(detail).entries()) {
    const own = events.get(id) ?? [];
    // A run that turned back never takes the stages it did not reach; one that did not turn back has no way back to show.
    if (own.length === 0 && (id === "roll-back" || (isGoingBack && percent !== null))) continue;
    // After the end, what never began is not "upcoming".
    if (own.length === 0 && !isOpen(detail.state) && id !== "gate") continue;
    const last = own.at(-1) ?? null;
    const later = reached.filter((other) => position(other, detail) > index);
    steps.push({
      id,
      title,
      percent,
      status:
        id === "gate"
          ? gateStatus(detail)
          : id === "end"
            ? endStatus(detail)
            : statusOf(own, nextOf(later, isGoingBack)),
      // The end repeats the headline of the page.
      sentence: id === "end" ? null : (last?.sentence ?? null),
      at: last?.at ?? null,
    });
  }
  return detail.state === "running" ? withOneActive(steps) : steps;
}

/** Lines are written when a step is over: the step under way is the first that has none. */
function withOneActive(steps: readonly Step[]): readonly Step[] {
  if (steps.some(({ status }) => status === "active" || status === "held")) return steps;
  const next = steps.findIndex((step) => step.status === "upcoming");
  return steps.map((step, index) => (index === next ? { ...step, status: "active" as const } : step));
}

function position(id: string, detail: DeploymentDetail): number {
  return skeleton(detail).findIndex((one) => one.id === id);
}

function gateStatus(detail: DeploymentDetail): StepStatus {
  if (detail.startedAt !== null || detail.state === "running") return "done";
  return detail.state === "rejected" ? "failed" : isOpen(detail.state) ? "active" : "done";
}

/** Only going back unverified, or never having begun, is a failure of the run itself. */
function endStatus({ state }: DeploymentDetail): StepStatus {
  if (isOpen(state)) return "upcoming";
  return state === "failed" || state === "needs-human" || state === "rejected" ? "failed" : "done";
}

/** What came after a milestone: the run went on, it turned back there, or nothing yet. */
type Next = "on" | "back" | null;

function nextOf(later: readonly string[], isGoingBack: boolean): Next {
  if (later.length === 0) return null;
  return isGoingBack && !later.some((id) => id.startsWith("stage-")) ? "back" : "on";
}

function statusOf(events: readonly TimelineEvent[], next: Next): StepStatus {
  if (events.some((event) => event.phase === "failed")) return "failed";
  if (events.length === 0) return "upcoming";
  const watched = events.filter((event) => event.step === "observe" || event.step === "shift-traffic");
  const isStage = watched.length > 0 && events.every((event) => event.step !== "roll-back");
  // Shifting is only the beginning of a stage: it is done when it has been watched, or when the run went on.
  const last = events.at(-1);
  if (!isStage) return next !== null || last?.phase === "done" || last?.phase === "info" ? "done" : "active";
  if (watched.some((event) => event.step === "observe" && event.phase === "done")) return "done";
  if (next !== null) return next === "back" ? "left" : "done";
  return last?.step === "wait" && last.phase === "started" ? "held" : "active";
}

/** Set while the run holds its position: the instant at which it goes back by itself, as far as it is said. */
export function holdOf(detail: Pick<DeploymentDetail, "state" | "timeline">): { readonly until: string | null } | null {
  const last = detail.timeline.findLast(({ step, name }) => step === "wait" && name.startsWith("hold at"));
  if (detail.state !== "running" || last?.phase !== "started") return null;
  const parsed = z.object({ until: z.iso.datetime() }).safeParse(last.detail);
  return { until: parsed.success ? parsed.data.until : null };
}

export interface StageMark {
  readonly at: string;
  readonly label: string;
}

/** The instant at which the new version got its first traffic; null before. */
export function firstShiftOf(timeline: readonly TimelineEvent[]): string | null {
  return timeline.find(({ step, phase }) => step === "shift-traffic" && phase === "done")?.at ?? null;
}

/** Where the share changed, for the charts: `5 %`, `25 %`, … and `back`. */
export function stageMarks(timeline: readonly TimelineEvent[]): readonly StageMark[] {
  const marks: StageMark[] = [];
  let isBack = false;
  for (const event of timeline) {
    if (event.step === "roll-back" && !isBack) {
      isBack = true;
      marks.push({ at: event.at, label: "back" });
    }
    const { percent } = markOf(event);
    if (!isBack && event.step === "shift-traffic" && event.phase === "done" && percent !== null) {
      marks.push({ at: event.at, label: `${percent} %` });
    }
  }
  return marks;
}

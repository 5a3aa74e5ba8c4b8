import type { z } from "zod";
import type { run as wireRun, runbook as wireRunbook, runEvent, runStep, runSummary } from "#contract/plan.ts";
import type { Tone } from "#web/release/deployment.ts";
import type { IconName } from "#web/ui/icons.tsx";
import { secondsBetween } from "#web/ui/time.ts";

/** The wire's words; this zone shows them and adds none. */
export type Run = z.infer<typeof wireRun>;
export type RunSummary = z.infer<typeof runSummary>;
export type RunStep = z.infer<typeof runStep>;
export type RunEvent = z.infer<typeof runEvent>;
export type Runbook = z.infer<typeof wireRunbook>;
export type RunState = RunSummary["state"];
export type Part = RunStep["part"];

export interface Look {
  readonly label: string;
  readonly tone: Tone;
  readonly icon: IconName;
}

const runLooks: Readonly<Record<RunState, Look>> = {
  running: { label: "Under way", tone: "motion", icon: "play" },
  succeeded: { label: "Succeeded", tone: "good", icon: "check" },
  failed: { label: "Failed", tone: "bad", icon: "cross" },
  aborted: { label: "Aborted", tone: "back", icon: "stop" },
  "rolled-back": { label: "Rolled back", tone: "back", icon: "back" },
  "needs-human": { label: "Needs a person", tone: "bad", icon: "hand" },
};

export const lateLook: Look = { label: "Late", tone: "wait", icon: "warning" };
const turningLook: Look = { label: "Turning back", tone: "back", icon: "back" };
const unseenLook: Look = { label: "Needs an overseer", tone: "wait", icon: "hand" };

/** How the run stands, the strongest word first; at least one. */
export function looksOf(run: Pick<RunSummary, "state" | "turned" | "overrun" | "overseer">): readonly Look[] {
  if (run.state !== "running") return [runLooks[run.state]];
  if (run.turned !== null) return [turningLook];
  return [
    runLooks.running,
    ...(run.overrun === null ? [] : [lateLook]),
    ...(run.overseer === null || run.overseer.person !== null ? [] : [unseenLook]),
  ];
}

const stepLooks: Readonly<Record<RunStep["state"], Look>> = {
  pending: { label: "Not begun", tone: "rest", icon: "minus" },
  queued: { label: "In a queue", tone: "wait", icon: "queue" },
  running: { label: "Under way", tone: "motion", icon: "play" },
  done: { label: "Done", tone: "good", icon: "check" },
  skipped: { label: "Skipped", tone: "rest", icon: "arrow" },
  failed: { label: "Failed", tone: "bad", icon: "cross" },
  refused: { label: "Refused", tone: "bad", icon: "hand" },
  cancelled: { label: "Cancelled", tone: "back", icon: "stop" },
};

export function stepLook(state: RunStep["state"]): Look {
  return stepLooks[state];
}

/** A step that asks a person and waits for the answer. */
export function isAsking({ state, task }: RunStep): boolean {
  return state === "running" && task !== null;
}

/** What somebody is asked to consent to, wherever it is shown. */
export interface ConsentAsked extends Pick<
  NonNullable<RunStep["consent"]>,
  "signature" | "approvals" | "approvedBy" | "brings"
> {
  readonly part: Part;
  readonly name: string;
  readonly instruction: string;
  readonly deadline: string | null;
  readonly contentDigest: string;
}

/** What the viewer may decide on now; null: nothing. */
export function consentAsked({ part, name, does, deadline, state, consent }: RunStep): ConsentAsked | null {
  if (state !== "running" || consent === null || !consent.decide.allowed || consent.contentDigest === null) return null;
  const { signature, approvals, approvedBy, contentDigest, brings } = consent;
  return { part, name, instruction: does, deadline, signature, approvals, approvedBy, contentDigest, brings };
}

const partNames: Readonly<Record<Part, string>> = { forward: "Way forward", undo: "Undo", rollback: "Way back" };

export function partName(part: Part): string {
  return partNames[part];
}

/** The place of a step on its page: a link to it survives. */
export function stepAnchor({ part, name }: Pick<RunStep, "part" | "name">): string {
  return `${part}-${name}`;
}

/** `3 of 5 done`, for the parts that matter now. */
export function progressOf(steps: readonly RunStep[]): string {
  const isBack = steps.some(({ part, state }) => part !== "forward" && state !== "pending");
  const counted = steps.filter(({ part }) => (part === "forward") !== isBack);
  const over = counted.filter(({ state }) => state === "done" || state === "skipped");
  return `${over.length} of ${counted.length} ${isBack ? "steps back" : "steps"} over`;
}

/** Choices of the list; each is a link of its own. */
export const stateChoices: readonly {
  readonly value: string;
  readonly label: string;
  readonly state: RunState | "late" | "all" | undefined;
}[] = [
  { value: "", label: "Under way", state: undefined },
  { value: "late", label: "Late", state: "late" },
  { value: "all", label: "Any state", state: "all" },
  { value: "succeeded", label: "Succeeded", state: "succeeded" },
  { value: "failed", label: "Failed", state: "failed" },
  { value: "aborted", label: "Aborted", state: "aborted" },
  { value: "rolled-back", label: "Rolled back", state: "rolled-back" },
  { value: "needs-human", label: "Needs a person", state: "needs-human" },
];

export interface RollbackClock {
  /** Of the time between begin and the latest begin of the way back, 0 to 1. */
  readonly gone: number;
  /** The same for what nine of ten runs took; null: not known, or longer than there is time. */
  readonly usual: number | null;
  readonly secondsLeft: number;
}

/** How far the run is on its way to the instant at which the way back begins by itself. */
export function rollbackClock(
  run: Pick<RunSummary, "startedAt" | "latestRollbackStart" | "usual">,
  now: Temporal.Instant,
): RollbackClock {
  const from = Temporal.Instant.from(run.startedAt);
  const to = Temporal.Instant.from(run.latestRollbackStart);
  const whole = Math.max(1, secondsBetween(from, to));
  const share = (seconds: number): number => Math.min(1, Math.max(0, seconds / whole));
  return {
    gone: share(secondsBetween(from, now)),
    usual: run.usual === null || run.usual >= whole ? null : share(run.usual),
    secondsLeft: Math.max(0, secondsBetween(now, to)),
  };
}

const eventLooks: Readonly<Record<RunEvent["kind"], Look>> = {
  run: { label: "Run", tone: "motion", icon: "play" },
  step: { label: "Step", tone: "rest", icon: "list" },
  issue: { label: "Issue", tone: "bad", icon: "warning" },
  decision: { label: "Decision", tone: "back", icon: "gate" },
  person: { label: "Person", tone: "motion", icon: "hand" },
  alert: { label: "Late", tone: "wait", icon: "warning" },
};

export function eventLook(kind: RunEvent["kind"]): Look {
  return eventLooks[kind];
}

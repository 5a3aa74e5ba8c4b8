import type { z } from "zod";
import type { action } from "#contract/common.ts";
import { classes, type ChangeClass } from "#web/policy/search.ts";
import {
  deploymentState,
  type deploymentDetail,
  type deploymentSummary,
  type timelineEvent,
} from "#contract/release.ts";

/** The wire's words; this zone shows them and adds none. */
export type DeploymentSummary = z.infer<typeof deploymentSummary>;
export type DeploymentDetail = z.infer<typeof deploymentDetail>;
export type DeploymentState = z.infer<typeof deploymentState>;
export type TimelineEvent = z.infer<typeof timelineEvent>;
export type Action = z.infer<typeof action>;

/** The three colours of attention, one for motion, one for rest. Always beside an icon and a word. */
export type Tone = "good" | "motion" | "wait" | "bad" | "back" | "rest";

export type StateIcon = "clock" | "queue" | "play" | "check" | "back" | "stop" | "cross" | "hand" | "hold";

export interface StateLook {
  readonly label: string;
  readonly tone: Tone;
  readonly icon: StateIcon;
}

const looks: Readonly<Record<DeploymentState, StateLook>> = {
  waiting: { label: "Waiting", tone: "wait", icon: "clock" },
  queued: { label: "Queued", tone: "wait", icon: "queue" },
  running: { label: "Running", tone: "motion", icon: "play" },
  succeeded: { label: "Succeeded", tone: "good", icon: "check" },
  "rolled-back": { label: "Rolled back", tone: "back", icon: "back" },
  aborted: { label: "Aborted", tone: "back", icon: "stop" },
  cancelled: { label: "Cancelled", tone: "rest", icon: "stop" },
  rejected: { label: "Rejected", tone: "bad", icon: "cross" },
  failed: { label: "Failed", tone: "bad", icon: "cross" },
  "needs-human": { label: "Needs a person", tone: "bad", icon: "hand" },
};

/** A run that holds its position until somebody decides: still running, but not moving. */
export const heldLook: StateLook = { label: "Holds its position", tone: "wait", icon: "hold" };

export function stateLook(state: DeploymentState): StateLook {
  return looks[state];
}

export type StateFilter = DeploymentState | "open" | "ended";

/** Choices of the filter; an undefined state is every state. */
export const stateChoices: readonly {
  readonly value: string;
  readonly label: string;
  readonly state: StateFilter | undefined;
}[] = [
  { value: "", label: "Any state", state: undefined },
  { value: "open", label: "Open", state: "open" },
  { value: "ended", label: "Ended", state: "ended" },
  ...deploymentState.options.map((state) => ({ value: state, label: looks[state].label, state })),
];

export function isOpen(state: DeploymentState): boolean {
  return state === "waiting" || state === "queued" || state === "running";
}

/** Title of a document or a heading: `checkout-api 1.4.0 → prod-emea`. */
export function subjectOf(deployment: Pick<DeploymentSummary, "service" | "version" | "environment">): string {
  return `${deployment.service} ${deployment.version} → ${deployment.environment}`;
}

/** Last eight digits: enough to tell two deployments of one day apart in a line. */
export function shortId(id: string): string {
  return id.slice(-8);
}

/** The class of a stored verdict; one that is not known any more is asked about as a normal one. */
export function changeClassOf(text: string): ChangeClass {
  return classes.find((one) => one === text) ?? "normal";
}

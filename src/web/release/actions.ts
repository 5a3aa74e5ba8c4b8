import { isOpen, type Action, type DeploymentState, type Tone } from "./deployment.ts";

/** How an action of the server is offered: its words, and whether it needs a reason. The server says who may. */
export interface Offer {
  readonly name: KnownAction;
  readonly label: string;
  readonly allowed: boolean;
  readonly because: string;
  readonly tone: Tone;
  readonly reason: "required" | "optional";
  /** What will happen, for the dialog. */
  readonly consequence: string;
}

type Words = Pick<Offer, "label" | "tone" | "reason" | "consequence">;

const words = {
  approve: {
    label: "Approve",
    tone: "good",
    reason: "optional",
    consequence: "You approve exactly this content. If it changes, the approval is void.",
  },
  reject: {
    label: "Reject",
    tone: "bad",
    reason: "required",
    consequence: "A rejection is final for this content; another attempt needs another version.",
  },
  "go-on": {
    label: "Go on",
    tone: "motion",
    reason: "required",
    consequence:
      "The run takes the next share of the traffic although there was not enough evidence at this one. It stays watched.",
  },
  "go-back": {
    label: "Go back",
    tone: "back",
    reason: "required",
    consequence: "All traffic goes back to the former version, which is then verified at the target.",
  },
  abort: {
    label: "Abort",
    tone: "bad",
    reason: "required",
    consequence: "Waiting work is cancelled; running work goes back to the former version.",
  },
  "roll-back": {
    label: "Roll back",
    tone: "back",
    reason: "required",
    consequence: "Asks for a deployment of the version that was live before this one.",
  },
} as const satisfies Readonly<Record<string, Words>>;

export type KnownAction = keyof typeof words;

function isKnown(name: string): name is KnownAction {
  return Object.hasOwn(words, name);
}

/** The actions of the answer that this page knows, in its order: consent first, then what stops. */
export function offersOf(actions: readonly Action[]): readonly Offer[] {
  const order = Object.keys(words);
  return actions
    .flatMap(({ name, allowed, because }) => (isKnown(name) ? [{ name, allowed, because, ...words[name] }] : []))
    .toSorted((left, right) => order.indexOf(left.name) - order.indexOf(right.name));
}

/** Refused actions that a person would look for in this state; the others would be buttons without a purpose. */
const expected: Readonly<Record<"before" | "during" | "live" | "over", readonly KnownAction[]>> = {
  before: ["approve", "reject", "abort"],
  during: ["abort"],
  live: ["roll-back"],
  over: [],
};

export function worthShowing(offers: readonly Offer[], state: DeploymentState): readonly Offer[] {
  const ended = state === "succeeded" ? "live" : "over";
  const phase = state === "running" ? "during" : isOpen(state) ? "before" : ended;
  return offers.filter((offer) => offer.allowed || expected[phase].includes(offer.name));
}

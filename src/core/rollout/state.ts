import { err, ok, type Result } from "#core/result.ts";

/**
 * The life of a deployment, from request to end.
 *
 *     waiting → queued → running → succeeded
 *        │         │        ├──→ rolled-back   it went back, and the target has confirmed it
 *        │         │        ├──→ aborted       a person ended it, and the target has confirmed it
 *        │         │        ├──→ failed        it never changed the target
 *        │         │        └──→ needs-human   the target's state is not known, or going back failed
 *        └────┬────┴──→ cancelled, rejected    nothing was done
 *
 * queued → waiting: a verdict that was allowed is so no longer. A terminal state is final: nothing leads out of it. All
 * of it is in the store, so a crash loses no state; what was done at the target is looked up and not assumed.
 */
export const deploymentStates = [
  "waiting",
  "queued",
  "running",
  "succeeded",
  "rolled-back",
  "aborted",
  "cancelled",
  "rejected",
  "failed",
  "needs-human",
] as const;
export type DeploymentState = (typeof deploymentStates)[number];

/** What happens to a deployment. */
export type DeploymentEvent =
  | { readonly kind: "allowed" }
  | { readonly kind: "blocked" }
  | { readonly kind: "started" }
  | { readonly kind: "went-live" }
  | { readonly kind: "went-back"; readonly because: "worse" | "abort" }
  | { readonly kind: "never-changed" }
  | { readonly kind: "lost-sight" }
  | { readonly kind: "cancelled" }
  | { readonly kind: "rejected" };

type EventKind = DeploymentEvent["kind"];

const moves: Readonly<Record<DeploymentState, Readonly<Partial<Record<EventKind, DeploymentState>>>>> = {
  waiting: { allowed: "queued", blocked: "waiting", cancelled: "cancelled", rejected: "rejected" },
  queued: { blocked: "waiting", started: "running", cancelled: "cancelled", rejected: "rejected" },
  running: {
    "went-live": "succeeded",
    "went-back": "rolled-back",
    "never-changed": "failed",
    "lost-sight": "needs-human",
  },
  succeeded: {},
  "rolled-back": {},
  aborted: {},
  cancelled: {},
  rejected: {},
  failed: {},
  "needs-human": {},
};

export function isTerminal(state: DeploymentState): boolean {
  return Object.keys(moves[state]).length === 0;
}

export interface ImpossibleMove {
  readonly code: "impossible-move";
  readonly message: string;
}

/** The state after the event; an event that cannot happen in this state is an error and changes nothing. */
export function evolve(state: DeploymentState, event: DeploymentEvent): Result<DeploymentState, ImpossibleMove> {
  const next = moves[state][event.kind];
  if (next === undefined) {
    return err({ code: "impossible-move", message: `A deployment that is ${state} cannot be told: ${event.kind}.` });
  }
  return ok(event.kind === "went-back" && event.because === "abort" ? "aborted" : next);
}

/** What a person or the judge wants of a deployment. */
export type DeploymentCommand =
  | { readonly kind: "admit"; readonly decision: "allow" | "wait" | "hold" | "deny" }
  | { readonly kind: "start" }
  | { readonly kind: "abort" }
  | { readonly kind: "reject" };

/** What is to be done: an event at once, or an order to the run, which answers with an event when it has been done. */
export type DeploymentOrder =
  | { readonly kind: "record"; readonly event: DeploymentEvent }
  | { readonly kind: "go-back" };

/**
 * What a command comes to in a state. Ending a run means going back first: the state changes when the target has
 * confirmed it. A command for a deployment that has ended is an error.
 */
export function decide(state: DeploymentState, command: DeploymentCommand): Result<DeploymentOrder, ImpossibleMove> {
  const isEnding = command.kind === "abort" || command.kind === "reject";
  if (state === "running" && isEnding) return ok({ kind: "go-back" });
  const event = eventOf(command);
  const moved = evolve(state, event);
  return moved.ok ? ok({ kind: "record", event }) : moved;
}

function eventOf(command: DeploymentCommand): DeploymentEvent {
  if (command.kind === "admit") return { kind: command.decision === "allow" ? "allowed" : "blocked" };
  if (command.kind === "start") return { kind: "started" };
  return { kind: command.kind === "abort" ? "cancelled" : "rejected" };
}

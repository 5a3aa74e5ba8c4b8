import type { DeploymentState } from "#core/rollout/state.ts";
import { isBefore } from "#core/span.ts";

/**
 * A gate is a deployment that a pipeline carries out: Tidegate decides, holds the lock and keeps the record.
 *
 *     parked ⇄ allowed → started → succeeded · failed · rolled-back · aborted · unknown
 *        └───────┴──→ denied · cancelled
 *
 * All of it stands in the store, so a gate that is parked holds no runner and no process.
 */
export const gateStates = [
  "parked",
  "allowed",
  "started",
  "succeeded",
  "failed",
  "rolled-back",
  "aborted",
  "unknown",
  "denied",
  "cancelled",
] as const;
export type GateState = (typeof gateStates)[number];

const stateOf: Readonly<Record<DeploymentState, GateState>> = {
  waiting: "parked",
  queued: "allowed",
  running: "started",
  succeeded: "succeeded",
  "rolled-back": "rolled-back",
  aborted: "aborted",
  cancelled: "cancelled",
  rejected: "denied",
  failed: "failed",
  "needs-human": "unknown",
};

export function gateStateOf(state: DeploymentState): GateState {
  return stateOf[state];
}

/** A token that is not used within this time is none: whoever deploys later asks again, and is judged again. */
export const tokenLives = { minutes: 15 } as const;
/** An allowed gate of which nobody takes a token ends after this time. */
export const unclaimedAfter = { hours: 24 } as const;
/** A pipeline is asked to look again after this many seconds at most: a fact may change before the known instant. */
export const pollAtMostSeconds = 15;

/** Seconds after which a parked gate is looked at again; 0 for every other one. */
export function pollAfter(state: GateState, nextCheckAt: Temporal.Instant | null, now: Temporal.Instant): number {
  if (state !== "parked") return 0;
  const ms = nextCheckAt === null ? 0 : nextCheckAt.epochMilliseconds - now.epochMilliseconds;
  return Math.min(pollAtMostSeconds, Math.max(1, Math.ceil(ms / 1000)));
}

/** What a gate knows of its token. */
export interface GateToken {
  /** null: none was issued. */
  readonly hash: string | null;
  readonly expiresAt: Temporal.Instant | null;
  readonly usedAt: Temporal.Instant | null;
  /** Why it is no longer one; null while it may be. */
  readonly void: string | null;
}

export const tokenRefusals = ["bad-token", "token-used", "token-void", "token-expired"] as const;
export type TokenRefusal = (typeof tokenRefusals)[number];

/**
 * Why a presented token is not redeemed; null when nothing speaks against it. `matches`: its digest is the one that is
 * kept, compared in constant time by the caller. A foreign token learns nothing about the state of the right one.
 */
export function refusalOfToken(token: GateToken, matches: boolean, now: Temporal.Instant): TokenRefusal | null {
  if (!matches || token.hash === null || token.expiresAt === null) return "bad-token";
  if (token.usedAt !== null) return "token-used";
  if (token.void !== null) return "token-void";
  return isBefore(now, token.expiresAt) ? null : "token-expired";
}

/** What a pipeline says of the end of its run. `live`: the version that its target shows now; null: it cannot say. */
export interface GateResult {
  readonly outcome: "succeeded" | "failed";
  readonly live: string | null;
}

export type GateEnd =
  | { readonly kind: "went-live" }
  | { readonly kind: "never-changed" }
  | { readonly kind: "lost-sight"; readonly live: string | null };

/**
 * What a result comes to. Success that shows another version is none, and a failure counts as harmless only when the
 * former version is named as live: a way back is never assumed.
 */
export function endOf(result: GateResult, version: string, former: string | null): GateEnd {
  const { outcome, live } = result;
  if (outcome === "succeeded" && (live === null || live === version)) return { kind: "went-live" };
  if (outcome === "failed" && live !== null && live === former) return { kind: "never-changed" };
  return { kind: "lost-sight", live };
}

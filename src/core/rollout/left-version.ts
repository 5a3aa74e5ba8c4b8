import type { DeploymentId } from "#core/id.ts";
import type { SessionLimits } from "#core/rollout/strategy.ts";

/*
 * A version without a share that could not be stopped when its successor went live: sessions lived in it, or the target
 * did not do it. It is looked at until it is stopped; what is due follows from the record and from what the target shows.
 */

/** Sessions that live in a version. */
export interface SessionCount {
  readonly live: number;
  /** False: so many at most, because the proxy there counts requests and not sessions. */
  readonly isExact: boolean;
}

/**
 * `stopped`: when no session lived in it · `forced`: with the sessions that did · `in-use`: it has users again, so it is
 * no rest of anything · `gone`: it did not run any more.
 */
export const leftEnds = ["stopped", "forced", "in-use", "gone"] as const;
export type LeftHow = (typeof leftEnds)[number];

export interface LeftEnd {
  readonly at: Temporal.Instant;
  readonly how: LeftHow;
  /** Sessions that were ended by force; null: none could be. */
  readonly forcedOut: number | null;
}

export interface LeftVersion {
  /** The one that brought its successor. */
  readonly deployment: DeploymentId;
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  readonly leftAt: Temporal.Instant;
  /** null: it has no sessions, and could not be stopped. */
  readonly sessions: SessionLimits | null;
  /** As at the last look; null: nobody has counted. */
  readonly counted: SessionCount | null;
  /** Then people are asked what becomes of the rest; null: nobody is. */
  readonly askAt: Temporal.Instant | null;
  readonly asked: number;
  /** Looks in which the target did not do what it was asked to. */
  readonly failed: number;
  /** Who has decided that the rest is ended. */
  readonly endWantedBy: string | null;
  /** null: it is over. */
  readonly lookAt: Temporal.Instant | null;
  readonly ended: LeftEnd | null;
}

/** What the target shows of it. */
export interface LeftSeen {
  readonly state: "absent" | "starting" | "ready" | "failed" | "stopped";
  readonly percent: number;
  readonly count: SessionCount;
}

export type LeftAct =
  /** `forced`: it was being ended, and its end was not seen. */
  | { readonly kind: "over"; readonly how: "in-use" | "gone" | "forced" }
  | { readonly kind: "stop"; readonly how: "stopped" | "forced" }
  | { readonly kind: "ask" }
  | { readonly kind: "wait" };

/** Who lives in it is ended only where the strategy or a person says so; everything else waits. */
export function actOnLeft(left: LeftVersion, { state, percent, count }: LeftSeen, at: Temporal.Instant): LeftAct {
  const isDue = left.askAt !== null && Temporal.Instant.compare(left.askAt, at) <= 0;
  const mayEnd = left.endWantedBy !== null || (isDue && left.sessions?.atLimit === "end");
  if (state === "absent" || state === "stopped") {
    return { kind: "over", how: mayEnd && (left.counted?.live ?? 0) > 0 ? "forced" : "gone" };
  }
  if (percent > 0) return { kind: "over", how: "in-use" };
  // A process that has failed serves nobody.
  if (left.sessions === null || count.live === 0 || state === "failed") return { kind: "stop", how: "stopped" };
  if (mayEnd) return { kind: "stop", how: "forced" };
  return isDue ? { kind: "ask" } : { kind: "wait" };
}

const [shortestLook, longestLook] = [5, 600] as const;

/** Seconds to the next look: soon while sessions end one by one, later and later where the target does not do it. */
export function nextLookIn({ failed }: Pick<LeftVersion, "failed">): number {
  return Math.min(longestLook, shortestLook * 2 ** Math.min(failed, 10));
}

/** `3 sessions`, or `3 sessions at most`. */
export function saySessions({ live, isExact }: SessionCount): string {
  return `${live} ${live === 1 ? "session" : "sessions"}${isExact || live === 0 ? "" : " at most"}`;
}

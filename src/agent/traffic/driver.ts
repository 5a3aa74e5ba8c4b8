import type { Counters } from "#agent/counters.ts";
import type { Refusal } from "#agent/refusal.ts";
import type { Result } from "#core/result.ts";
import type { TrafficAbilities } from "#core/rollout/traffic-abilities.ts";

export interface Route {
  readonly version: string;
  /** Null while no process of the version is up: its share of the requests fails, and is counted as failed. */
  readonly port: number | null;
  readonly percent: number;
}

/** Everything that a proxy is told about one service; what is not in it is not in effect any more. */
export interface Routing {
  /** Versions that may get requests, also those whose share is nothing: sessions and cohorts still reach them. */
  readonly routes: readonly Route[];
  /** A session stays with the version that it began with, as long as that is among the routes. */
  readonly sticky: boolean;
  /** Name of a cohort → version. A request names its cohort by `cohortHeader` or `cohortCookie`. */
  readonly cohorts: Readonly<Record<string, string>>;
}

/** What the proxy says that it does now. */
export interface InEffect {
  /** Version → share of new sessions in per cent; without those that have none. */
  readonly shares: Readonly<Record<string, number>>;
  readonly sticky: boolean;
  readonly cohorts: Readonly<Record<string, string>>;
}

/**
 * A proxy in front of one service in one environment. One conformance suite for all (`traffic/conformance.ts`). Key and
 * fence are not its business: `once` judges them for every driver alike, before it is called.
 */
export interface TrafficDriver {
  readonly can: TrafficAbilities;
  /** Where users and neighbours call the service; stable for as long as the agent keeps its state. */
  readonly url: string;
  /**
   * Makes this the routing as a whole. Answers once the proxy itself shows that it is in effect for every request that
   * arrives from now on. `traffic-unknown` (503): the proxy refused, was silent or shows something else; nothing may be
   * assumed, and the same call may be repeated. `share-not-possible` (422): nothing was changed.
   */
  readonly set: (routing: Routing) => Promise<Result<void, Refusal>>;
  /** Asked of the proxy at this moment, never remembered. `traffic-unknown` if it does not tell. */
  readonly read: () => Promise<Result<InEffect, Refusal>>;
  /** Requests of the version that are under way. */
  readonly inFlight: (version: string) => Promise<Result<number, Refusal>>;
  readonly traffic: Counters["since"];
  /** Sessions of the version that have made a request within so many seconds; absent: the proxy does not tell them apart. */
  readonly sessions?: (version: string, idleSeconds: number) => number;
}

/** Names a cohort of a request; the header goes before the cookie. */
export const cohortHeader = "x-tidegate-cohort";
export const cohortCookie = "tidegate_cohort";

/** Name of the cookie that keeps a session at a version: cookies know no ports, so it names the service. */
export function stickyCookie(service: string): string {
  return `tidegate_${service.replaceAll("-", "_")}`;
}

export function unknownTraffic(what: string): Refusal {
  const message = `${what}; which shares are in effect is not known. Look at the proxy, then repeat the call.`;
  return { code: "traffic-unknown", status: 503, message };
}

import type { ObservedVersion, Target } from "#connectors/port.ts";
import { wellBehaved, type Behaviour } from "#connectors/fake/traffic.ts";

/** Shares of live traffic from a second on. */
export interface Shares {
  readonly since: number;
  readonly percent: ReadonlyMap<string, number>;
}

/** What the fake keeps about one service in one environment. */
export interface Place {
  readonly target: Target;
  readonly versions: Map<string, Omit<ObservedVersion, "percent">>;
  /** Oldest first; the last one is in effect. */
  readonly shares: Shares[];
  readonly behaviours: Map<string, Behaviour>;
  perSecond: number;
  /** Rules beside the shares, in effect since the second. */
  rules: {
    readonly sticky: { readonly idleSeconds: number } | null;
    readonly cohorts: Readonly<Record<string, string>>;
  };
  /** Version → last second in which a session of it makes a request. */
  /** Version → its sessions make requests up to this second. */
  readonly sessionsUntil: Map<string, { readonly second: number; readonly count: number }>;
}

export function newPlace(target: Target): Place {
  return {
    target,
    versions: new Map(),
    shares: [{ since: 0, percent: new Map() }],
    behaviours: new Map(),
    perSecond: 25,
    rules: { sticky: null, cohorts: {} },
    sessionsUntil: new Map(),
  };
}

/** A copy on which an effect can be played through without happening. */
export function copyOf(place: Place): Place {
  return {
    ...place,
    versions: new Map(place.versions),
    shares: [...place.shares],
    behaviours: new Map(place.behaviours),
  };
}

export function sharesAt(place: Place, second: number): ReadonlyMap<string, number> {
  return place.shares.findLast((shares) => shares.since <= second)?.percent ?? new Map();
}

export function behaviourOf(place: Place, version: string): Behaviour {
  return place.behaviours.get(version) ?? wellBehaved;
}

export function observedIn(place: Place): readonly ObservedVersion[] {
  const percent = place.shares.at(-1)?.percent;
  return [...place.versions.values()].map((entry) => ({ ...entry, percent: percent?.get(entry.version) ?? 0 }));
}

/** A version at a place, with its digest. */
export interface LiveVersion {
  readonly version: string;
  readonly digest: string;
}

export interface SeenVersion extends LiveVersion {
  readonly state: string;
  /** Share of live traffic in per cent. */
  readonly percent: number;
}

/**
 * The version with traffic that the record does not know; null when the target is as recorded. A version without
 * traffic concerns no user, and a target that shows nothing at all is an outage, not a change.
 */
export function strangerAt(recorded: LiveVersion, seen: readonly SeenVersion[]): LiveVersion | null {
  const stranger = seen
    .filter(({ state, percent }) => state === "ready" && percent > 0)
    .filter(({ version, digest }) => version !== recorded.version || digest !== recorded.digest)
    .toSorted((a, b) => b.percent - a.percent)[0];
  return stranger === undefined ? null : { version: stranger.version, digest: stranger.digest };
}

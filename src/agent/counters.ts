import { latencyBoundsMs, type AgentTraffic } from "#contract/agent.ts";

/** A watch of the slowest canary stage looks back less far. */
export const keptSeconds = 15 * 60;

interface Counts {
  requests: number;
  errors: number;
  readonly latency: number[];
}

export interface Counters {
  /** Counts a finished request in the second it finished in. */
  readonly count: (version: string, latencyMs: number, outcome: "answered" | "failed") => void;
  /** Finished seconds from `since` on, oldest first. */
  readonly since: (second: number) => AgentTraffic;
}

/** Counts per second and version, kept for 15 minutes. A clock that jumps back goes on in the last second it had. */
export function counters(nowMs: () => number): Counters {
  const seconds = new Map<number, Map<string, Counts>>();
  let latest = 0;
  const advance = () => {
    const second = Math.max(latest, Math.floor(nowMs() / 1000));
    if (second !== latest) {
      latest = second;
      for (const old of seconds.keys()) {
        if (old > second - keptSeconds) break;
        seconds.delete(old);
      }
    }
    return second;
  };
  return {
    count: (version, latencyMs, outcome) => {
      const counts = countsOf(seconds, advance(), version);
      counts.requests += 1;
      if (outcome === "failed") counts.errors += 1;
      const bucket = bucketOf(latencyMs);
      counts.latency[bucket] = (counts.latency[bucket] ?? 0) + 1;
    },
    since: (first) => {
      const completeBefore = advance();
      const found = [];
      for (const [second, versions] of seconds) {
        if (second < first || second >= completeBefore) continue;
        for (const [version, { requests, errors, latency }] of versions) {
          found.push({ second, version, requests, errors, latency: [...latency] });
        }
      }
      return { seconds: found, completeBefore };
    },
  };
}

function countsOf(seconds: Map<number, Map<string, Counts>>, second: number, version: string): Counts {
  let versions = seconds.get(second);
  if (versions === undefined) {
    versions = new Map();
    seconds.set(second, versions);
  }
  let counts = versions.get(version);
  if (counts === undefined) {
    counts = { requests: 0, errors: 0, latency: Array.from({ length: latencyBoundsMs.length + 1 }, () => 0) };
    versions.set(version, counts);
  }
  return counts;
}

/** Index of the first bound that is not below the latency; one more for what is slower than all. */
export function bucketOf(latencyMs: number): number {
  const found = latencyBoundsMs.findIndex((bound) => latencyMs <= bound);
  return found === -1 ? latencyBoundsMs.length : found;
}

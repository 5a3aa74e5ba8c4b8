/**
 * Whether what a source says of a metric may be judged at all. A source that hangs, lies, jumps back, changes its labels or
 * sends something that is no number holds the position, with the reason: it is never a pass, and never a roll-back either.
 *
 *     silent ──good sample──→ live ──no sample for `freshForSeconds`──→ stale ──good sample──→ live
 *                              │ └──a bad sample──→ doubted ──good sample──→ live
 *                              └──another series──→ broken          (for good: begin the judgement anew)
 */
export interface Feed {
  /** Second of the newest good sample; null before the first. */
  readonly lastSecond: number | null;
  /** Identity of the series, as its labels spell it. */
  readonly series: string | null;
  /** What was wrong with the latest sample; null when it was good. */
  readonly fault: string | null;
  /** Another series came under this name: what was counted before and after is not the same thing. */
  readonly isBroken: boolean;
}

export const silentFeed: Feed = { lastSecond: null, series: null, fault: null, isBroken: false };

/** What the source says of one metric. */
export interface Arrival {
  /** Second the values are of, by the clock of the source. */
  readonly second: number;
  readonly series: string;
  /** What is wrong with the values themselves; null when they can be judged. */
  readonly fault: string | null;
}

/** How far ahead of whoever looks a source's clock may be, in seconds. */
const maxAheadSeconds = 5;

/** The feed after an arrival, and whether its values may be judged. A bad arrival changes no evidence. */
export function admit(feed: Feed, arrival: Arrival, now: number): { readonly feed: Feed; readonly isGood: boolean } {
  const refuse = (fault: string, isBroken = false) => ({ feed: { ...feed, fault, isBroken }, isGood: false });
  if (feed.isBroken) return { feed, isGood: false };
  if (!Number.isFinite(arrival.second)) return refuse("the time of the sample is not a number");
  if (feed.series !== null && arrival.series !== feed.series) {
    return refuse(`the labels changed from ${feed.series} to ${arrival.series}`, true);
  }
  if (feed.lastSecond !== null && arrival.second <= feed.lastSecond) {
    const back = feed.lastSecond - arrival.second;
    return refuse(back === 0 ? "the same second came twice" : `time jumped back by ${back} s`);
  }
  if (arrival.second > now + maxAheadSeconds)
    return refuse(`the sample is ${arrival.second - now} s ahead of the clock`);
  if (arrival.fault !== null) return refuse(arrival.fault);
  const good = { lastSecond: arrival.second, series: arrival.series, fault: null, isBroken: false };
  return { feed: good, isGood: true };
}

/** Why the metric holds the position at `now`; null when it is live. */
export function holdOf(feed: Feed, now: number, freshForSeconds: number): string | null {
  if (feed.isBroken) return `${feed.fault ?? "the series changed"}: begin the judgement anew`;
  if (feed.fault !== null) return feed.fault;
  if (feed.lastSecond === null) return "no sample has come yet";
  const age = now - feed.lastSecond;
  return age > freshForSeconds ? `the newest sample is ${age} s old, ${freshForSeconds} s are allowed` : null;
}

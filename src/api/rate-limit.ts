/** Takes one from the bucket of the key; 0 when there was one, otherwise the seconds until there will be. */
export type TakeToken = (key: string) => number;

export interface BucketSettings {
  readonly burst: number;
  readonly perSecond: number;
  /** Milliseconds that only rise. */
  readonly nowMs: () => number;
}

/** Buckets that are remembered. Beyond it, full ones are forgotten, which changes nothing; the rest share one. */
export const maxBuckets = 10_000;

interface Bucket {
  tokens: number;
  atMs: number;
}

/**
 * A token bucket per key, in the memory of this process. Many new keys cannot make it forget an empty bucket: when the
 * map is full of buckets in use, further keys share one bucket.
 */
export function tokenBuckets(settings: BucketSettings): TakeToken {
  const buckets = new Map<string, Bucket>();
  const shared: Bucket = { tokens: settings.burst, atMs: settings.nowMs() };
  const bucketOf = (key: string, nowMs: number): Bucket => {
    const known = buckets.get(key);
    if (known !== undefined) return known;
    if (buckets.size >= maxBuckets) forgetFull(buckets, settings, nowMs);
    if (buckets.size >= maxBuckets) return shared;
    const bucket = { tokens: settings.burst, atMs: nowMs };
    buckets.set(key, bucket);
    return bucket;
  };
  return (key) => {
    const nowMs = settings.nowMs();
    const bucket = bucketOf(key, nowMs);
    bucket.tokens = levelOf(bucket, settings, nowMs);
    bucket.atMs = nowMs;
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil((1 - bucket.tokens) / settings.perSecond));
  };
}

function levelOf(bucket: Bucket, settings: BucketSettings, nowMs: number): number {
  return Math.min(settings.burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * settings.perSecond);
}

function forgetFull(buckets: Map<string, Bucket>, settings: BucketSettings, nowMs: number): void {
  for (const [key, bucket] of buckets) {
    if (levelOf(bucket, settings, nowMs) >= settings.burst) buckets.delete(key);
  }
}

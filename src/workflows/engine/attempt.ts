import type { RetryPolicy } from "#workflows/flow.ts";

/** No pause between two attempts is longer, whatever the policy says. */
const maxDelayMs = 3_600_000;

/**
 * Runs `body` up to `maxAttempts` times; the last error is thrown as it is. Both engines retry by this function, so a
 * test sees the same number of attempts as production.
 */
export async function attempt<T>(
  policy: RetryPolicy,
  pause: (ms: number) => Promise<void>,
  body: () => Promise<T>,
): Promise<T> {
  let pauseMs = policy.firstDelayMs;
  for (let count = 1; ; count += 1) {
    try {
      return await body();
    } catch (error) {
      if (count >= policy.maxAttempts) throw error;
    }
    await pause(Math.min(pauseMs, maxDelayMs));
    pauseMs *= policy.backoff;
  }
}

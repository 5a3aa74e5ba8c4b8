import type { Exchange } from "#api/exchange.ts";
import { requestIdOf } from "#api/envelope.ts";
import { refuse } from "#api/handler.ts";
import { problemAnswer } from "#api/problem-answer.ts";

/**
 * The answer, or 503 when there is none in time. The work goes on: what it does is kept under the idempotency key, and
 * the caller asks again with the same one.
 */
export async function within(limitMs: number, exchange: Exchange, work: () => Promise<Response>): Promise<Response> {
  const late = Promise.withResolvers<Response>();
  const timer = setTimeout(() => {
    const detail = `No answer within ${limitMs / 1000} s. It may still be done: ask again with the same Idempotency-Key.`;
    late.resolve(
      problemAnswer(refuse("unavailable", detail, { headers: { "retry-after": "5" } }), requestIdOf(exchange)),
    );
  }, limitMs);
  try {
    return await Promise.race([work(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

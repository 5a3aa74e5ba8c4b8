import { etagOf, matchesEtag } from "#api/answer-text.ts";
import type { Limiters } from "#api/call-route.ts";
import type { ApiDeps } from "#api/deps.ts";
import { addressOf, type Exchange } from "#api/exchange.ts";
import { refuse } from "#api/handler.ts";
import { problemAnswer } from "#api/problem-answer.ts";

/** Calendar programs can send no token, so the file name is the credential; outside the contract, it answers no JSON. */
export const feedPath = "/v1/feeds/:file";

/**
 * What is behind the address, by the rights that its maker has now. Unknown, revoked and no longer allowed look alike;
 * whoever tries addresses is slowed down.
 */
export async function serveFeed(deps: ApiDeps, limiters: Limiters, exchange: Exchange): Promise<Response> {
  const found = await deps.business.feeds.read(exchange.req.param("file") ?? "");
  if (!found.ok) {
    const wait = limiters.attempt(addressOf(exchange));
    const refused =
      wait === 0
        ? refuse("not-found", "There is no such feed. Its owner can make another address.")
        : refuse("too-many-attempts", `Try again in ${wait} s.`, { headers: { "retry-after": String(wait) } });
    return problemAnswer(refused, exchange.get("requestId"));
  }
  const etag = etagOf(found.value);
  const headers = { etag, "cache-control": "private, no-cache", "content-type": "text/calendar; charset=utf-8" };
  const isKnown = matchesEtag(exchange.req.raw.headers.get("if-none-match"), etag);
  return isKnown ? new Response(null, { status: 304, headers: { etag } }) : new Response(found.value, { headers });
}

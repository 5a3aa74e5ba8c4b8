import type { Limiters } from "#api/call-route.ts";
import type { ApiDeps } from "#api/deps.ts";
import { addressOf, type Exchange } from "#api/exchange.ts";
import { refuse, type Refused } from "#api/handler.ts";
import { problemAnswer } from "#api/problem-answer.ts";
import { readBytes } from "#api/read-request.ts";

/** Senders sign bytes in ways of their own, so this lies outside the contract: no token, no schema, no JSON needed. */
export const hookPath = "/v1/hooks/:source";
/** Far more than any event of a pipeline; large pushes of other events are cut off before they are read. */
export const maxHookBytes = 512 * 1024;
/** A claimed length beyond this is not waited for. */
const maxNameChars = 100;

/**
 * Takes a webhook: size first, then the signature over the bytes as they came, then stored and answered; what it asks
 * is done afterwards. The sender is answered within its patience, and what was answered is never lost.
 */
export async function serveHook(deps: ApiDeps, limiters: Limiters, exchange: Exchange): Promise<Response> {
  const answered = await take(deps, exchange);
  if (answered.ok) return answered.response;
  const isStranger = answered.refused.code === "unauthenticated" || answered.refused.code === "not-found";
  const wait = isStranger ? limiters.attempt(addressOf(exchange)) : 0;
  const refused =
    wait === 0
      ? answered.refused
      : refuse("too-many-attempts", `Try again in ${wait} s.`, { headers: { "retry-after": String(wait) } });
  return problemAnswer(refused, exchange.get("requestId"));
}

type Taken = { readonly ok: true; readonly response: Response } | { readonly ok: false; readonly refused: Refused };

async function take(deps: ApiDeps, exchange: Exchange): Promise<Taken> {
  const no = (refused: Refused): Taken => ({ ok: false, refused });
  const request = exchange.req.raw;
  const tooLarge = refuse("too-large", `A webhook has at most ${maxHookBytes} bytes.`);
  if (Number(request.headers.get("content-length") ?? 0) > maxHookBytes) return no(tooLarge);
  if (request.headers.has("content-encoding")) return no(refuse("not-json", "Send the body without content encoding."));
  const bytes = await readBytes(request, maxHookBytes);
  if (bytes === null) return no(tooLarge);
  const source = (exchange.req.param("source") ?? "").slice(0, maxNameChars);
  const received = await deps.hooks.receive({ source, headers: Object.fromEntries(request.headers), bytes });
  if (received.ok) {
    const body = JSON.stringify({ id: received.value.id, repeated: received.value.isRepeated });
    return { ok: true, response: new Response(body, { status: 202, headers: { "content-type": "application/json" } }) };
  }
  switch (received.error) {
    case "unknown-source":
      return no(refuse("not-found", "No hook has this name; tidegate hooks list shows all."));
    case "bad-signature":
      return no(refuse("unauthenticated", "The body is not signed with the secret of this hook."));
    case "stale":
      return no(
        refuse("unauthenticated", "The message is older or newer than five minutes; check the sender's clock."),
      );
    case "not-utf8":
      return no(refuse("invalid-request", "The body is not UTF-8."));
  }
}

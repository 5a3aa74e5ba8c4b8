import type { ApiDeps } from "#api/deps.ts";
import { eventStream } from "#api/event-stream.ts";
import type { Exchange } from "#api/exchange.ts";
import { refuse } from "#api/handler.ts";
import { admit, type Limiters } from "#api/call-route.ts";
import { presentedIn } from "#api/credentials.ts";
import { problemAnswer } from "#api/problem-answer.ts";
import { invalid, readQuery } from "#api/read-request.ts";
import { can } from "#core/access/can.ts";

/** Who may see deployments may hear of them. */
const permission = "deployment.read";

/** How to end each stream that is open in this process, and the account that opened it. */
export type OpenStreams = Map<() => void, string>;

/** GET /v1/events: what happens, as it happens, after `Last-Event-ID` or from now on. */
export async function openEvents(
  deps: ApiDeps,
  limiters: Limiters,
  streams: OpenStreams,
  exchange: Exchange,
): Promise<Response> {
  const requestId = exchange.get("requestId");
  const route = { method: "get", permission, streaming: true } as const;
  const admitted = await admit(deps, limiters, route, exchange);
  if (!admitted.ok) return problemAnswer(admitted.error, requestId);
  const query = readQuery(new URL(exchange.req.url));
  if (!query.ok) return problemAnswer(query.error, requestId);
  // No parameters, a token least of all: addresses end up in logs and histories.
  const [unknown] = Object.keys(query.value);
  if (unknown !== undefined) {
    return problemAnswer(
      invalid([{ path: `query.${unknown.slice(0, 100)}`, message: "is not known here" }]),
      requestId,
    );
  }
  const after = exchange.req.raw.headers.get("last-event-id");
  if (after !== null && !/^[A-Za-z0-9_-]{1,100}$/.test(after)) {
    return problemAnswer(invalid([{ path: "header.Last-Event-ID", message: "the id of an event" }]), requestId);
  }
  if (streams.size >= deps.settings.limits.maxStreams) {
    const busy = refuse("unavailable", "Too many streams are open. Try again later.", {
      headers: { "retry-after": "30" },
    });
    return problemAnswer(busy, requestId);
  }
  const account = exchange.get("account") ?? "";
  const own = [...streams.values()].filter((opener) => opener === account).length;
  if (own >= deps.settings.limits.maxStreamsPerAccount) {
    const detail = `You have ${own} streams open, which is the limit of an account. Close one of them.`;
    return problemAnswer(refuse("too-many-requests", detail, { headers: { "retry-after": "30" } }), requestId);
  }
  return new Response(openStream(deps, streams, exchange, after), {
    headers: { "content-type": "text/event-stream", "x-accel-buffering": "no" },
  });
}

function openStream(
  deps: ApiDeps,
  streams: OpenStreams,
  exchange: Exchange,
  after: string | null,
): ReadableStream<Uint8Array> {
  const requestId = exchange.get("requestId");
  const presented = presentedIn(exchange.req.raw.headers, deps.settings.secure);
  const stopping = new AbortController();
  const end = (): void => stopping.abort();
  streams.set(end, exchange.get("account") ?? "");
  deps.metrics.setStreams(streams.size);
  return eventStream(
    { events: deps.events, limits: deps.settings.limits },
    {
      after,
      stopping: stopping.signal,
      async stillAllowed() {
        const known = presented === null ? null : await deps.access.authenticate(presented);
        return known !== null && known.ok && can(known.value, permission).allowed;
      },
      onEnd(why) {
        streams.delete(end);
        deps.metrics.setStreams(streams.size);
        if (why === "reader-too-slow") deps.metrics.countDroppedStream();
        deps.log.info({ requestId, why }, "a stream of events ended");
      },
    },
  );
}

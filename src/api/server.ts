import { Hono } from "hono";
import { eventsPath } from "#contract/event-stream.ts";
import { openApiText } from "#contract/openapi.ts";
import { monotonicMs } from "#runtime/clock.ts";
import { callRoute, type Limiters } from "#api/call-route.ts";
import type { ApiDeps } from "#api/deps.ts";
import { envelope, requestIdOf } from "#api/envelope.ts";
import type { Env, Exchange } from "#api/exchange.ts";
import { refuse } from "#api/handler.ts";
import { openEvents, type OpenStreams } from "#api/open-events.ts";
import { live, metricsOf, ready, versionOf } from "#api/probes.ts";
import { problemAnswer } from "#api/problem-answer.ts";
import { tokenBuckets } from "#api/rate-limit.ts";
import { handlers } from "#api/registry.ts";
import { feedPath, serveFeed } from "#api/serve-feed.ts";
import { hookPath, serveHook } from "#api/serve-hook.ts";
import { serveFile } from "#api/serve-file.ts";
import { within } from "#api/within.ts";

export type App = Hono<Env>;

/** Sooner than a standby takes over; whoever comes too early is told again. */
const storeAwaySeconds = "2";

type Serve = (exchange: Exchange) => Promise<Response> | Response;

/** The whole HTTP interface as one `fetch` function; `app.request()` calls it without a socket. */
export function buildApp(deps: ApiDeps): App {
  const app: App = new Hono<Env>();
  const { limits } = deps.settings;
  const limiters: Limiters = {
    call: tokenBuckets({ burst: limits.callBurst, perSecond: limits.callsPerSecond, nowMs: monotonicMs }),
    attempt: tokenBuckets({ burst: limits.attemptBurst, perSecond: limits.attemptsPerMinute / 60, nowMs: monotonicMs }),
  };
  const streams: OpenStreams = new Map();
  deps.stopping.addEventListener("abort", () => [...streams.keys()].forEach((end) => end()), { once: true });
  app.use(envelope(deps));
  const allowed = new Map<string, string[]>();
  const add = (method: string, path: string, operation: string, serve: Serve): void => {
    allowed.set(path, [...(allowed.get(path) ?? []), method.toUpperCase()]);
    app.on(method.toUpperCase(), path, (exchange) => {
      exchange.set("operation", operation);
      return serve(exchange);
    });
  };
  for (const handler of Object.values(handlers)) {
    const { method, path, operation } = handler.route;
    add(method, path, operation, (exchange) =>
      within(limits.requestMs, exchange, () => callRoute(deps, limiters, handler, exchange)),
    );
  }
  add("get", eventsPath, "events", (exchange) => openEvents(deps, limiters, streams, exchange));
  add("get", feedPath, "feed", (exchange) =>
    within(limits.requestMs, exchange, () => serveFeed(deps, limiters, exchange)),
  );
  add("post", hookPath, "hook", (exchange) =>
    within(limits.requestMs, exchange, () => serveHook(deps, limiters, exchange)),
  );
  addPlainRoutes(deps, add);
  refuseTheRest(app, deps, allowed);
  return app;
}

function addPlainRoutes(
  deps: ApiDeps,
  add: (method: string, path: string, operation: string, serve: Serve) => void,
): void {
  const description = openApiText(deps.settings.version);
  const json = { headers: { "content-type": "application/json" } };
  add("get", "/livez", "live", live);
  add("get", "/readyz", "ready", () => ready(deps));
  add("get", "/version", "version", () => versionOf(deps));
  add("get", "/metrics", "metrics", () => metricsOf(deps));
  add("get", "/openapi.json", "openapi", () => new Response(description, json));
}

/** Another method at a path that is known: 405 with those that are allowed. A path that is not known: a page, or 404. */
function refuseTheRest(app: App, deps: ApiDeps, allowed: ReadonlyMap<string, readonly string[]>): void {
  for (const [path, methods] of allowed) {
    const allow = [...methods, ...(methods.includes("GET") ? ["HEAD"] : [])].join(", ");
    app.all(path, (exchange) => {
      const detail = `Allowed here: ${allow}.`;
      return problemAnswer(refuse("method-not-allowed", detail, { headers: { allow } }), requestIdOf(exchange));
    });
  }
  app.notFound((exchange) => {
    const file = serveFile(deps.web, exchange);
    if (file !== null) return file;
    const detail = "Nothing is served at this path; /openapi.json lists what is.";
    return problemAnswer(refuse("not-found", detail), requestIdOf(exchange));
  });
  app.onError((error, exchange) => {
    const requestId = requestIdOf(exchange);
    deps.log.error({ requestId, operation: exchange.get("operation"), err: error }, "a request failed");
    const detail = `Nothing is known about its effect; ask again with the same Idempotency-Key. The log has the reason under ${requestId}.`;
    if (!deps.isPassing(error)) return problemAnswer(refuse("internal", detail), requestId);
    const away = `The database cannot be used now. ${detail}`;
    return problemAnswer(refuse("unavailable", away, { headers: { "retry-after": storeAwaySeconds } }), requestId);
  });
}

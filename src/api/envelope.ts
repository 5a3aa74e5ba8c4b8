import { createMiddleware } from "hono/factory";
import { newRequestId } from "#runtime/request-id.ts";
import { monotonicMs } from "#runtime/clock.ts";
import type { ApiDeps } from "#api/deps.ts";
import type { Env, Exchange } from "#api/exchange.ts";
import { problemAnswer } from "#api/problem-answer.ts";
import { refuseForeignHost } from "#api/same-site.ts";
import { addSecurityHeaders } from "#api/security-headers.ts";

/** Probes come by the address of a machine, not by a name; they tell nothing that a foreign page could use. */
const probePaths: readonly string[] = ["/livez", "/readyz"];

/** Around every request, whatever becomes of it: its id, the check of the host, headers, one line, one measurement. */
export function envelope(deps: ApiDeps): ReturnType<typeof createMiddleware<Env>> {
  return createMiddleware<Env>(async (exchange, next) => {
    const startedMs = monotonicMs();
    exchange.set("requestId", givenRequestId(exchange) ?? newRequestId());
    exchange.set("operation", "unknown");
    exchange.set("account", null);
    exchange.set("written", null);
    const url = new URL(exchange.req.url);
    const foreign = probePaths.includes(url.pathname)
      ? null
      : refuseForeignHost(deps.settings, url, exchange.req.raw.headers);
    if (foreign === null) await next();
    else exchange.res = problemAnswer(foreign, requestIdOf(exchange));
    const status = finish(deps, exchange);
    report(deps, exchange, { url, status, seconds: (monotonicMs() - startedMs) / 1000 });
  });
}

/** The headers of every answer, and to the socket what goes there as it is; the status. */
function finish(deps: ApiDeps, exchange: Exchange): number {
  const written = exchange.get("written");
  const outgoing = exchange.env?.outgoing;
  if (written === null || outgoing === undefined) {
    exchange.res.headers.set("x-request-id", requestIdOf(exchange));
    addSecurityHeaders(exchange.res.headers, deps.settings.secure);
    return exchange.res.status;
  }
  const headers = new Map(Object.entries(written.headers));
  headers.set("x-request-id", requestIdOf(exchange));
  addSecurityHeaders(
    {
      get: (name) => headers.get(name) ?? null,
      has: (name) => headers.has(name),
      set: (name, value) => void headers.set(name, value),
    },
    deps.settings.secure,
  );
  if (written.text !== null) headers.set("content-length", String(Buffer.byteLength(written.text)));
  outgoing.writeHead(written.status, Object.fromEntries(headers));
  outgoing.end(written.text ?? undefined);
  return written.status;
}

export function requestIdOf(exchange: Exchange): string {
  return exchange.get("requestId");
}

/** A caller may bring an id to follow it through systems; anything that is not plainly one is replaced. */
function givenRequestId(exchange: Exchange): string | null {
  const given = exchange.req.raw.headers.get("x-request-id");
  return given !== null && /^[A-Za-z0-9_-]{8,64}$/.test(given) ? given : null;
}

interface Done {
  readonly url: URL;
  readonly status: number;
  readonly seconds: number;
}

function report(deps: ApiDeps, exchange: Exchange, { url, status, seconds }: Done): void {
  const { method } = exchange.req;
  const operation = exchange.get("operation");
  deps.metrics.observeRequest({ method: knownMethods.has(method) ? method : "OTHER", operation, status }, seconds);
  const fields = {
    requestId: requestIdOf(exchange),
    method: method.slice(0, 20),
    // The query is left out: it may hold what a person typed.
    path: url.pathname.slice(0, 200),
    operation,
    status,
    ms: Math.round(seconds * 1000),
    account: exchange.get("account"),
  };
  if (status >= 500) deps.log.warn(fields, "answered");
  else deps.log.info(fields, "answered");
}

const knownMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]);

import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Route } from "#contract/route.ts";
import { can } from "#core/access/can.ts";
import { err, ok, type Result } from "#core/result.ts";
import { etagOf, matchesEtag } from "#api/answer-text.ts";
import { presentedIn, sessionCookie } from "#api/credentials.ts";
import type { ApiDeps } from "#api/deps.ts";
import { addressOf, type Exchange } from "#api/exchange.ts";
import { refuse, type Answer, type Context, type Handler, type Refused } from "#api/handler.ts";
import { digestOf, isRepeatable, keyIn, once, type Once } from "#api/idempotency.ts";
import { problemAnswer } from "#api/problem-answer.ts";
import type { TakeToken } from "#api/rate-limit.ts";
import { invalid, readBody, readQuery, type ReadBody } from "#api/read-request.ts";
import { refuseForeignOrigin } from "#api/same-site.ts";
import type { Identity } from "#usecases/access/identity.ts";

/** The buckets of this process. */
export interface Limiters {
  /** Per account. */
  readonly call: TakeToken;
  /** Per address: attempts to be somebody. */
  readonly attempt: TakeToken;
}

/**
 * Every operation goes this way, in this order: where it comes from, who asks, whether they may, how often, what they
 * sent, whether it was done before; then the handler. Nothing of the body is read for a caller who may not call.
 */
export async function callRoute(
  deps: ApiDeps,
  limiters: Limiters,
  handler: Handler,
  exchange: Exchange,
): Promise<Response> {
  const admitted = await admit(deps, limiters, handler.route, exchange);
  if (!admitted.ok) return problemAnswer(admitted.error, exchange.get("requestId"));
  const done = await perform(deps, handler, exchange, admitted.value);
  return done.result.kind === "refused"
    ? problemAnswer(done.result, exchange.get("requestId"))
    : toResponse(deps, handler.route, exchange, done.result, done.replayed);
}

/** The one place where a caller is let in; null stands for nobody, on public routes only. */
export async function admit(
  deps: ApiDeps,
  limiters: Limiters,
  route: Pick<Route, "method" | "permission"> & { readonly streaming?: true },
  exchange: Exchange,
): Promise<Result<Identity | null, Refused>> {
  const { headers } = exchange.req.raw;
  const presented = presentedIn(headers, deps.settings.secure);
  const foreign = refuseForeignOrigin(deps.settings, headers, {
    sensitive: route.method !== "get" || route.streaming === true,
    byCookie: presented?.kind === "session" && route.permission !== "public",
  });
  if (foreign !== null) return err(foreign);
  if (route.permission === "public") {
    const wait = limiters.attempt(addressOf(exchange));
    return wait === 0 ? ok(null) : err(tooOften("too-many-attempts", wait));
  }
  if (presented === null) return err(unauthenticated());
  const known = await deps.access.authenticate(presented);
  if (!known.ok) {
    const wait = limiters.attempt(addressOf(exchange));
    return err(wait === 0 ? unauthenticated() : tooOften("too-many-requests", wait));
  }
  const identity = known.value;
  exchange.set("account", identity.actor.account);
  const wait = limiters.call(identity.actor.account);
  if (wait > 0) return err(tooOften("too-many-requests", wait));
  const decided = can(identity, route.permission);
  return decided.allowed ? ok(identity) : err(refuse("forbidden", decided.because.join(" ")));
}

/** One sentence for every reason: whoever tries credentials learns nothing from it. */
function unauthenticated(): Refused {
  const detail = "Send a token as `Authorization: Bearer …`, or log in.";
  return refuse("unauthenticated", detail, { headers: { "www-authenticate": 'Bearer realm="tidegate"' } });
}

function tooOften(code: "too-many-attempts" | "too-many-requests", seconds: number): Refused {
  return refuse(code, `Try again in ${seconds} s.`, { headers: { "retry-after": String(seconds) } });
}

type Act = () => Promise<Answer | Refused>;

async function perform(deps: ApiDeps, handler: Handler, exchange: Exchange, identity: Identity | null): Promise<Once> {
  const { route } = handler;
  const url = new URL(exchange.req.url);
  const key = keyIn(exchange.req.raw.headers);
  if (!key.ok) return { result: key.error, replayed: false };
  const query = readQuery(url);
  if (!query.ok) return { result: query.error, replayed: false };
  const body = await readBody(exchange.req.raw, route, exchange.env?.incoming);
  if (!body.ok) return { result: body.error, replayed: false };
  const act = prepare(deps, handler, exchange, { identity, key: key.value, query: query.value, body: body.value });
  if (!act.ok) return { result: act.error, replayed: false };
  if (key.value === null || identity === null || !route.idempotent)
    return { result: await act.value(), replayed: false };
  const call = {
    scope: identity.actor.account,
    key: key.value,
    operation: route.operation,
    bodyDigest: digestOf(url, body.value.bytes),
    isRepeatable: isRepeatable(route.operation),
  };
  return once(deps.idempotency, call, act.value);
}

interface Prepared {
  readonly identity: Identity | null;
  readonly key: string | null;
  readonly query: unknown;
  readonly body: ReadBody;
}

function prepare(deps: ApiDeps, handler: Handler, exchange: Exchange, parts: Prepared): Result<Act, Refused> {
  const raw = { params: exchange.req.param(), query: parts.query, body: parts.body.value };
  const context = { requestId: exchange.get("requestId"), key: parts.key, now: deps.clock.now() };
  if (handler.access === "public") {
    const run = handler.prepare(raw);
    return run.ok ? ok(() => run.value(deps, context)) : err(invalid(run.error));
  }
  if (parts.identity === null) throw new Error(`${handler.route.operation} was let in without an identity`);
  const identified: Context = { ...context, identity: parts.identity };
  const run = handler.prepare(raw);
  return run.ok ? ok(() => run.value(deps, identified)) : err(invalid(run.error));
}

function toResponse(deps: ApiDeps, route: Route, exchange: Exchange, answer: Answer, replayed: boolean): Response {
  const schema = route.answers[answer.status];
  if (deps.settings.checkAnswers) schema?.parse(answer.body);
  const session = answer.session === null ? null : sessionCookie(answer.session, deps.settings.secure);
  const headers: Record<string, string> = {
    ...answer.headers,
    "content-type": "application/json",
    ...(replayed ? { "idempotency-replayed": "true" } : {}),
    ...(session === null ? {} : { "set-cookie": session }),
  };
  if (route.method === "get") {
    headers["etag"] = etagOf(answer.body);
    if (matchesEtag(exchange.req.raw.headers.get("if-none-match"), headers["etag"])) {
      delete headers["content-type"];
      return new Response(null, { status: 304, headers });
    }
  }
  const text = answer.text ?? JSON.stringify(answer.body);
  if (exchange.env?.outgoing === undefined) return new Response(text, { status: answer.status, headers });
  // A `Response` would copy headers and turn the text into a stream and back: a tenth of the cost of a small answer.
  exchange.set("written", { status: answer.status, headers, text });
  return RESPONSE_ALREADY_SENT;
}

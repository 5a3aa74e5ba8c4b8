import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { counters, type Counters } from "#agent/counters.ts";
import { forwardedHeaders, namedCookie, returnedHeaders } from "#agent/headers.ts";
import { sessionBook, type SessionBook } from "#agent/session-book.ts";
import { cohortCookie, cohortHeader, stickyCookie, type Route, type Routing } from "#agent/traffic/driver.ts";
import { takeTurns, type Turn } from "#agent/weights.ts";
import { monotonicMs, wallMs } from "#runtime/clock.ts";

/** Limits of one proxied request. */
const limits = {
  headerBytes: 16 * 1024,
  bodyBytes: 1024 * 1024,
  headersWithinMs: 10_000,
  requestWithinMs: 30_000,
  /** Silence of the service after which the caller gets 504. */
  silentForMs: 15_000,
  /** Below the 5 s after which a Node server closes an idle connection: so it is always we who close it. */
  idleForMs: 4_000,
  connectionsPerVersion: 256,
};

export interface Proxy {
  readonly url: string;
  /** In effect for the next request, at once. */
  readonly route: (routes: readonly Route[], rules?: Omit<Routing, "routes">) => void;
  readonly inFlight: (version: string) => number;
  readonly traffic: Counters["since"];
  readonly sessions: SessionBook["count"];
  readonly close: () => Promise<void>;
}

const plain: Omit<Routing, "routes"> = { sticky: false, cohorts: {} };

interface State {
  turn: Turn<Route>;
  routing: Routing;
  /** Whether anything but the shares decides. */
  hasRules: boolean;
  /** Name of the cookie that keeps a session at its version. */
  readonly cookie: string;
  readonly book: SessionBook;
  readonly flying: Map<string, number>;
  readonly counted: Counters;
  readonly upstream: Agent;
}

/** Listens on loopback (port 0: any free one) in front of one service and spreads its requests by weight. */
export async function openProxy(port: number, service = "service"): Promise<Proxy> {
  const state: State = {
    turn: takeTurns<Route>([]),
    routing: { routes: [], ...plain },
    hasRules: false,
    cookie: stickyCookie(service),
    book: sessionBook(monotonicMs),
    flying: new Map(),
    counted: counters(wallMs),
    upstream: new Agent({
      keepAlive: true,
      maxSockets: limits.connectionsPerVersion,
      timeout: limits.idleForMs,
      scheduling: "lifo",
    }),
  };
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersWithinMs,
      requestTimeout: limits.requestWithinMs,
      keepAliveTimeout: 2 * limits.requestWithinMs,
    },
    (incoming, outgoing) => forward(state, incoming, outgoing),
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a listener without a port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    route: (routes, rules = plain) => {
      state.routing = { routes, ...rules };
      state.hasRules = rules.sticky || Object.keys(rules.cohorts).length > 0;
      state.turn = takeTurns(routes.map((route) => ({ route, percent: route.percent })));
    },
    inFlight: (version) => state.flying.get(version) ?? 0,
    traffic: state.counted.since,
    sessions: state.book.count,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        state.upstream.destroy();
      }),
  };
}

function forward(state: State, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const named = namedRoute(state, incoming);
  const route = named ?? state.turn.next();
  if (route === null) {
    refuse(incoming, outgoing, 503, "no version has traffic here");
    return;
  }
  if (Number(incoming.headers["content-length"] ?? 0) > limits.bodyBytes) {
    refuse(incoming, outgoing, 413, `the limit is ${limits.bodyBytes} bytes`);
    return;
  }
  const startedMs = monotonicMs();
  let isOpen = true;
  state.flying.set(route.version, (state.flying.get(route.version) ?? 0) + 1);
  const finish = (outcome: "answered" | "failed") => {
    if (!isOpen) return;
    isOpen = false;
    state.flying.set(route.version, (state.flying.get(route.version) ?? 1) - 1);
    state.counted.count(route.version, monotonicMs() - startedMs, outcome);
  };
  if (route.port === null) {
    finish("failed");
    refuse(incoming, outgoing, 502, "the version is not running");
    return;
  }
  if (state.routing.sticky) keepSession(state, incoming, outgoing, { version: route.version, isNamed: named !== null });
  send(state, route.port, route.version, incoming, outgoing, finish);
}

/** What is kept of a session: longer ones are not ours. */
const longestCookie = 120;

/**
 * Only a session that begins gets the cookie: whoever was sent by it, or as one of a cohort, is no new session. Sessions
 * that began under an agent of before, which told them apart by nothing, are counted by a cookie of their own from now on.
 */
function keepSession(
  { book, cookie }: State,
  { headers }: IncomingMessage,
  outgoing: ServerResponse,
  { version, isNamed }: { readonly version: string; readonly isNamed: boolean },
): void {
  const known = isNamed ? namedCookie(headers.cookie, cookie) : null;
  const isOwn =
    known !== null && known.length <= longestCookie && known !== version && book.versionIn(known) === version;
  if (isOwn) return book.hear(known);
  // One of a cohort has no session of ours.
  if (isNamed && known !== version) return;
  const begun = book.begin(version);
  book.hear(begun);
  outgoing.setHeader("set-cookie", `${cookie}=${begun}; Path=/; HttpOnly`);
}

/** The version that the request's cohort or its session belongs to; null: it is new, and the shares decide. */
function namedRoute({ routing, hasRules, cookie, book }: State, { headers }: IncomingMessage): Route | null {
  if (!hasRules) return null;
  const { routes, sticky, cohorts } = routing;
  const header = headers[cohortHeader];
  const cohort = (typeof header === "string" ? header : null) ?? namedCookie(headers.cookie, cohortCookie);
  const ofCohort = cohort !== null && Object.hasOwn(cohorts, cohort) ? cohorts[cohort] : undefined;
  const ofSession = sticky ? namedCookie(headers.cookie, cookie) : null;
  const version = ofCohort ?? (ofSession === null ? null : book.versionIn(ofSession));
  return routes.find((route) => route.version === version && route.port !== null) ?? null;
}

type Finish = (outcome: "answered" | "failed") => void;

function send(
  state: State,
  port: number,
  version: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  finish: Finish,
): void {
  const call = request({
    host: "127.0.0.1",
    port,
    method: incoming.method ?? "GET",
    path: incoming.url ?? "/",
    headers: forwardedHeaders(incoming),
    agent: state.upstream,
    timeout: limits.silentForMs,
  });
  let timedOut = false;
  call.on("timeout", () => {
    timedOut = true;
    call.destroy();
  });
  call.on("response", (answer) => {
    const status = answer.statusCode ?? 502;
    outgoing.writeHead(status, answer.statusMessage ?? "", headersOf(outgoing, answer, version));
    answer.pipe(outgoing);
    answer.on("end", () => finish(status >= 500 ? "failed" : "answered"));
    answer.on("close", () => {
      finish("failed");
      if (!answer.complete) outgoing.destroy();
    });
  });
  call.on("error", () => {
    if (outgoing.destroyed || outgoing.writableEnded) return;
    if (!timedOut && call.reusedSocket && isRepeatable(incoming) && !outgoing.headersSent) {
      // The service closed an idle connection while we wrote to it: nobody has seen the request yet.
      send(state, port, version, incoming, outgoing, finish);
      return;
    }
    finish("failed");
    if (outgoing.headersSent) outgoing.destroy();
    else refuse(incoming, outgoing, timedOut ? 504 : 502, timedOut ? "the service is silent" : "the service is away");
  });
  // A caller who hangs up is no fault of the version; the time it waited is counted all the same.
  outgoing.once("close", () => {
    if (outgoing.writableFinished) return;
    finish("answered");
    call.destroy();
  });
  passBody(incoming, outgoing, call, finish);
}

/** With the cookie of a session that begins: a list of headers would replace one that was set before. */
function headersOf(outgoing: ServerResponse, answer: IncomingMessage, version: string): string[] {
  const headers = returnedHeaders(answer, version);
  const cookie = outgoing.getHeader("set-cookie");
  if (typeof cookie !== "string") return headers;
  outgoing.removeHeader("set-cookie");
  return [...headers, "set-cookie", cookie];
}

function passBody(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  call: ReturnType<typeof request>,
  finish: Finish,
): void {
  if (isRepeatable(incoming)) {
    call.end();
    return;
  }
  let bytes = 0;
  incoming.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= limits.bodyBytes) return;
    finish("answered");
    refuse(incoming, outgoing, 413, `the limit is ${limits.bodyBytes} bytes`);
    call.destroy();
  });
  incoming.pipe(call);
}

/** Reading without a body: may be sent again, and has nothing to be piped. */
function isRepeatable(incoming: IncomingMessage): boolean {
  const { method, headers } = incoming;
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  return !hasBody && (method === "GET" || method === "HEAD");
}

function refuse(incoming: IncomingMessage, outgoing: ServerResponse, status: number, reason: string): void {
  if (outgoing.headersSent) return;
  incoming.unpipe();
  incoming.resume();
  const body = `${reason}\n`;
  const headers = { "content-type": "text/plain", "content-length": body.length };
  outgoing.writeHead(status, status === 413 ? { ...headers, connection: "close" } : headers).end(body);
}

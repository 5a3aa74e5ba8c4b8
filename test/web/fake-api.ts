import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { z } from "zod";
import { contract } from "#contract/registry.ts";
import type { StreamEvent } from "#contract/runtime.ts";
import { fakeCalendarHandlers } from "#test/calendar-faces/fake-calendar.ts";
import { canaryOf } from "#test/web/fake-canary.ts";
import { criteriaOf } from "#test/web/fake-criteria.ts";
import { asksOf, fakeLiveHandlers, type FakeLive } from "#test/web/fake-live.ts";
import { fakePlanningHandlers } from "#test/web/fake-planning.ts";
import { makeWorld } from "#test/web/fake-scenes.ts";
import { fakeDeviationHandlers, makeDeviations, type Deviations } from "#test/web/fake-deviations.ts";
import { fakePlanHandlers, makePlans, type Plans } from "#test/web/fake-plans.ts";
import { Refused } from "#test/web/fake-refusal.ts";
import { choiceAt } from "#test/web/fake-strategies.ts";
import { reservationsAt } from "#test/web/fake-reservations.ts";
import { fakeServiceHandlers } from "#test/web/fake-service.ts";
import { fakeVerdictHandlers, makeBrakes, type Brakes } from "#test/web/fake-verdicts.ts";
import {
  aDeployment,
  blocked,
  environments,
  idOf,
  secondOf,
  services,
  tell,
  text,
  type World,
} from "#test/web/fake-world.ts";
import type { DeploymentDetail } from "#web/release/deployment.ts";

/** An API in memory for the pages: every answer goes through the contract's own schema before it is sent. */
export interface FakeApi extends AsyncDisposable {
  readonly url: string;
  readonly world: World;
  readonly brakes: Brakes;
  readonly deviations: Deviations;
  readonly plans: Plans;
  readonly live: FakeLive;
  /** Tells every page; the answer is the time of sending in epoch milliseconds. */
  readonly emit: (kind: StreamEvent["kind"], object: string) => number;
  /** Ends all event streams and refuses new ones until it is called with `up`. */
  readonly stream: (state: "up" | "down") => void;
  /** Shows the demonstration clock as shifted by this much. */
  readonly shift: (ms: number) => void;
}

export const goodToken = "tok_good";
/** As strict as a page can be served: nothing from anywhere else, nothing inline. */
const policy = "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";
const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const root = new URL("../../dist/web/", import.meta.url).pathname;

const me = {
  person: "ana",
  displayName: "Ana Prieto",
  account: "ana@corp",
  roles: ["release-manager"],
  teams: ["ledger"],
  permissions: [
    "reflow.decide",
    "slot.negotiate",
    "hold.change",
    "stop.change",
    "deployment.abort",
    "exemption.request",
    "exemption.approve",
    "finding.override",
    "deployment.request",
    "emergency.open",
    "emergency.approve",
    "debt.pay",
  ],
  method: "session" as const,
};

interface Request {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** By operation of the contract. */
type Handlers = Readonly<Record<string, (request: Request) => unknown>>;

const isOpen = (one: DeploymentDetail) => one.endedAt === null;

function summary(detail: DeploymentDetail): unknown {
  const {
    digest: _d,
    contentDigest: _c,
    fence: _f,
    outcome: _o,
    verdict: _v,
    timeline: _t,
    approvals: _a,
    queue: _q,
    actions: _x,
    ...rest
  } = detail;
  return rest;
}

function find(world: World, id: string | undefined): DeploymentDetail {
  const found = world.deployments.get(id ?? "");
  if (found === undefined) throw new Refused(404, "no-such-deployment", `No deployment has the id ${id}.`);
  return found;
}

const asking = z.object({ service: z.string(), version: z.string(), environment: z.string() });
const holding = z.object({ decision: z.enum(["go-on", "go-back"]), reason: z.string() });
const deciding = z.object({ decision: z.enum(["approved", "rejected"]), reason: z.string().nullable() });

function readHandlers(world: World, shiftMs: () => number, live: FakeLive): Handlers {
  return {
    whoAmI: () => me,
    readClock: () => ({ now: text(world.now()), shiftMs: shiftMs(), settable: true, zoneData: "2026c" }),
    listDeployments: ({ query }) => {
      const state = query.get("state");
      const items = [...world.deployments.values()]
        .filter((one) => (query.get("service") ?? one.service) === one.service)
        .filter((one) => (query.get("environment") ?? one.environment) === one.environment)
        .filter(
          (one) =>
            state === null || (state === "open" ? isOpen(one) : state === "ended" ? !isOpen(one) : one.state === state),
        )
        .toSorted((left, right) => (left.requestedAt < right.requestedAt ? 1 : -1));
      return { items: items.map(summary), next: null };
    },
    getDeployment: ({ params }) => find(world, params["id"]),
    getTraffic: ({ params }) => {
      const one = find(world, params["id"]);
      return {
        deployment: one.id,
        control: one.control,
        canary: one.version,
        samples: world.samples.get(one.id) ?? [],
      };
    },
    getCanary: ({ params }) => {
      const one = find(world, params["id"]);
      return canaryOf(one, world.samples.get(one.id) ?? [], text(world.now()));
    },
    getCriteria: ({ params }) => {
      const one = find(world, params["id"]);
      return { deployment: one.id, items: [...criteriaOf(one, text(world.now()))] };
    },
    getMatrix: ({ query }) => {
      const at = query.get("at");
      const cells =
        at === null
          ? world.cells
          : world.cells.map((cell) =>
              (cell.since ?? "") > at ? { ...cell, version: null, since: null, open: null } : { ...cell, open: null },
            );
      return { at: at ?? text(world.now()), services, environments, cells };
    },
    listInbox: () => ({
      asks: asksOf(live, find(world, idOf(0x1000)), world.now()),
      items: [...world.deployments.values()]
        .filter((one) => one.actions.some((action) => action.name === "approve" && action.allowed))
        .map((one) => ({
          deployment: summary(one),
          contentDigest: one.contentDigest,
          despite: [],
          ask: `${one.requestedBy} asks for ${one.action} of ${one.service} ${one.version} in ${one.environment}.`,
        })),
    }),
    listAudit: ({ query }) => ({
      items: world.audit.filter(
        (one) =>
          (query.get("action") ?? one.action) === one.action && (query.get("object") ?? one.object) === one.object,
      ),
      next: null,
    }),
  };
}

function writeHandlers(world: World, emit: FakeApi["emit"], live: FakeLive): Handlers {
  let made = 0;
  return {
    logOut: () => ({ ended: true }),
    requestDeployment: ({ body }) => {
      const wish = asking.parse(body);
      if (wish.version === "0.0.0") throw new Refused(404, "no-such-artifact", "The version 0.0.0 is not registered.");
      made += 1;
      const it = aDeployment(world.now(), {
        ...wish,
        id: idOf(0x9000 + made),
        state: "waiting",
        percent: 0,
        startedAt: null,
        requestedAt: text(world.now()),
        requestedBy: "ana",
        headline: "Waits for its window.",
        verdict: blocked(world.now(), wish.service, wish.version, wish.environment),
      });
      world.deployments.set(it.id, it);
      emit("deployment", it.id);
      return it;
    },
    decideApproval: ({ params, body }) => {
      const it = find(world, params["id"]);
      const { decision, reason } = deciding.parse(body);
      it.approvals.push({ person: "ana", decision, reason, at: text(world.now()) });
      it.actions = it.actions.map((action) =>
        ["approve", "reject"].includes(action.name)
          ? { ...action, allowed: false, because: `You have ${decision} this content.` }
          : action,
      );
      emit("deployment", it.id);
      return it;
    },
    abortDeployment: ({ params }) => find(world, params["id"]),
    decideHeld: ({ params, body }) => {
      const it = find(world, params["id"]);
      const { decision, reason } = holding.parse(body);
      if (it.state === "succeeded") live.said.push({ what: "decided", text: reason });
      const name = `hold at ${it.percent} %`;
      tell(it, world.now(), { step: "wait", name, sentence: `ana decided: ${decision}, for "${reason}".` });
      it.headline = `${it.version} serves ${it.percent} % of the traffic.`;
      it.actions = it.actions.filter((action) => !action.name.startsWith("go-"));
      emit("deployment", it.id);
      return it;
    },
    rollBackDeployment: ({ params }) => find(world, params["id"]),
  };
}

function calendarOf(world: World): Handlers {
  return fakeCalendarHandlers({ environments, services }, () => world.deployments.values(), world.now);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const whole = Buffer.concat(chunks).toString();
  return whole === "" ? {} : JSON.parse(whole);
}

function routeOf(method: string, path: string) {
  for (const route of Object.values(contract)) {
    const pattern = new RegExp(`^${route.path.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`);
    const match = pattern.exec(decodeURIComponent(path));
    if (route.method === method && match !== null)
      return { operation: route.operation, route, params: { ...match.groups } };
  }
  return null;
}

/** Starts on a free port of the loopback below the ephemeral ones; the caller disposes of it. */
export async function startFakeApi(): Promise<FakeApi> {
  const streams = new Set<ServerResponse>();
  const sessions = new Set<string>();
  let isUp = true;
  let shiftMs = 0;
  let count = 0;
  const world = makeWorld(() => Temporal.Now.instant());
  const brakes = makeBrakes(world.now());
  const deviations = makeDeviations(world.now());
  const plans = makePlans(world.now());
  const live: FakeLive = { asks: false, said: [] };
  const emit: FakeApi["emit"] = (kind, object) => {
    count += 1;
    const event: StreamEvent = { id: String(count), kind, object, at: text(world.now()), body: null };
    for (const stream of streams) stream.write(`id: ${event.id}\nevent: ${kind}\ndata: ${JSON.stringify(event)}\n\n`);
    return performance.timeOrigin + performance.now();
  };
  const handlers: Handlers = {
    ...readHandlers(world, () => shiftMs, live),
    ...writeHandlers(world, emit, live),
    ...fakeLiveHandlers(live, (id) => find(world, id), world.now),
    ...calendarOf(world),
    ...fakePlanningHandlers(world.now),
    ...fakeVerdictHandlers(world, brakes),
    ...fakeDeviationHandlers(world, deviations),
    ...fakeServiceHandlers(world, brakes, deviations),
    ...fakePlanHandlers(plans, world.now, (run) => void emit("configuration", `run/${run}`)),
    chooseStrategy: () => choiceAt(world.now()),
    listReservations: () => ({ items: reservationsAt(world.now()) }),
  };

  function follow(response: ServerResponse): void {
    if (!isUp) {
      response.writeHead(503).end();
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(": hello\n\n");
    streams.add(response);
    response.on("close", () => streams.delete(response));
  }

  async function answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const found = routeOf((request.method ?? "get").toLowerCase(), url.pathname);
    const body = await bodyOf(request);
    if (found?.operation === "logIn") {
      if (contract.logIn.body.parse(body).token !== goodToken)
        throw new Refused(401, "bad-token", "It is unknown, expired or revoked.");
      sessions.add("s1");
      response.setHeader("set-cookie", "tidegate_session=s1; HttpOnly; SameSite=Strict; Path=/");
      sendJson(response, 200, contract.logIn.answers[200].parse(me));
      return;
    }
    if (!(request.headers.cookie ?? "").includes("tidegate_session=s1") || !sessions.has("s1"))
      throw new Refused(401, "unauthenticated", "There is no session.");
    if (url.pathname === "/v1/events") return follow(response);
    if (found?.operation === "logOut") sessions.clear();
    const handler = found === null ? undefined : handlers[found.operation];
    if (found === null || handler === undefined) throw new Refused(404, "not-found", "The fake has no such operation.");
    found.route.params.parse(found.params);
    found.route.query.parse(Object.fromEntries(url.searchParams));
    if (found.route.method === "post") found.route.body.parse(body);
    const [status, schema] = Object.entries(found.route.answers)[0] ?? [];
    if (schema === undefined) throw new Error(`${found.operation} has no answer`);
    sendJson(
      response,
      Number(status),
      schema.parse(await handler({ params: found.params, query: url.searchParams, body })),
    );
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://fake");
    const served = url.pathname.startsWith("/v1/") ? answer(request, response, url) : sendFile(response, url.pathname);
    served.catch((error: unknown) => sendProblem(response, error));
  });
  const port = await listen(server);
  const clock = setInterval(() => tick(world, emit), 1000);
  return {
    url: `http://127.0.0.1:${port}`,
    world,
    brakes,
    deviations,
    plans,
    live,
    emit,
    stream: (state) => {
      isUp = state === "up";
      if (!isUp) for (const stream of streams) stream.destroy();
    },
    shift: (ms) => {
      shiftMs = ms;
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(clock);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One more second of traffic for whatever runs. */
function tick(world: World, emit: FakeApi["emit"]): void {
  for (const one of world.deployments.values()) {
    if (one.state !== "running" || one.percent === 0) continue;
    const at = Math.floor(world.now().epochMilliseconds / 1000);
    world.samples.get(one.id)?.push(...secondOf(at, one.percent, one.service === "pricing-svc" ? 0.06 : 0.003));
    emit("traffic", one.id);
  }
}

const firstPort = 21_300;

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  for (let port = firstPort; port < firstPort + 100; port += 1) {
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (isFree) return port;
  }
  throw new Error("no port is free");
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response
    .writeHead(status, { "content-type": "application/json", "cache-control": "no-store" })
    .end(JSON.stringify(body));
}

function sendProblem(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const refused = error instanceof Refused ? error : new Refused(500, "internal", String(error));
  const { status, code, message } = refused;
  response.writeHead(status, { "content-type": "application/problem+json" });
  response.end(
    JSON.stringify({
      type: `about:${code}`,
      title: titleOf(code),
      status,
      code,
      detail: message,
      requestId: "req_fake",
    }),
  );
}

function titleOf(code: string): string {
  return code === "bad-token" ? "The token is not valid" : code.replaceAll("-", " ");
}

async function sendFile(response: ServerResponse, path: string): Promise<void> {
  const name = extname(path) === "" ? "index.html" : normalize(path);
  const bytes = await readFile(join(root, name));
  response.writeHead(200, {
    "content-type": types[extname(name)] ?? "application/octet-stream",
    "content-security-policy": policy,
  });
  response.end(bytes);
}

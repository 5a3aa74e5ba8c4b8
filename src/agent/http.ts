import { createHash, timingSafeEqual } from "node:crypto";
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { setWeights, startVersion, stopVersion } from "#agent/effects.ts";
import { findService } from "#agent/fleet.ts";
import { smoke } from "#agent/smoke.ts";
import { findProxy, observationOf, recordsOf, type Place, type Refusal, type World } from "#agent/world.ts";
import { commandBody, startVersionBody, weightsBody } from "#contract/agent.ts";
import type { Result } from "#core/result.ts";

const bodyBytes = 64 * 1024;
const number = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** The agent's interface: the routes of `#contract/agent.ts`. */
export function agentApi(world: World, token: string, log: (message: string) => void): Hono {
  const app = new Hono();
  app.onError((error, context) => {
    log(`${context.req.method} ${context.req.path}: ${error.stack ?? error.message}`);
    return problem(context, 500, "internal", "The agent failed; its log says why. The same call may be repeated.");
  });
  app.notFound((context) => problem(context, 404, "no-such-route", "There is no such route."));
  app.use(async (context, next) => {
    // A page in a browser on this machine can send requests here under any name that resolves to loopback.
    const hosts = [`127.0.0.1:${world.settings.port}`, `localhost:${world.settings.port}`];
    if (!hosts.includes(context.req.header("host") ?? "")) {
      return problem(context, 421, "wrong-host", "Call the agent by its loopback address.");
    }
    return next();
  });
  app.get("/livez", (context) => context.text("ok"));
  app.use(async (context, next) => {
    if (isBearer(context.req.header("authorization"), token)) return next();
    return problem(context, 401, "unauthorized", "Send the agent's token as a bearer token.");
  });
  const tooLarge = (context: Context) => problem(context, 413, "too-large", `The limit is ${bodyBytes} bytes.`);
  app.use(bodyLimit({ maxSize: bodyBytes, onError: tooLarge }));
  addReads(app, world);
  addEffects(app, world);
  return app;
}

const servicePath = "/v1/environments/:environment/services/:service";

function placeOf(context: Context): Place {
  return { environment: context.req.param("environment") ?? "", service: context.req.param("service") ?? "" };
}

function addReads(app: Hono, world: World): void {
  app.get(servicePath, (context) => {
    const place = placeOf(context);
    const found = findProxy(world, place);
    if (!found.ok) return refused(context, found.error);
    return context.json(observationOf(world, place, found.value));
  });
  app.get(`${servicePath}/traffic`, (context) => {
    const found = findProxy(world, placeOf(context));
    if (!found.ok) return refused(context, found.error);
    const since = number.safeParse(context.req.query("since"));
    if (!since.success) return problem(context, 400, "bad-request", "`since` must be a number of epoch seconds.");
    return context.json(found.value.traffic(since.data));
  });
  app.get("/v1/inventory", (context) => {
    const services = [...world.proxies].map(([key, proxy]) => {
      const [environment = "", service = ""] = key.split("/");
      return observationOf(world, { environment, service }, proxy);
    });
    return context.json({ services });
  });
  app.get("/v1/ledger", (context) => {
    const after = number.safeParse(context.req.query("after") ?? "0");
    if (!after.success) return problem(context, 400, "bad-request", "`after` must be the number of an entry.");
    return context.json({ entries: world.ledger.after(after.data) });
  });
  app.post(`${servicePath}/versions/:version/smoke`, async (context) => {
    const place = placeOf(context);
    const found = findProxy(world, place);
    if (!found.ok) return refused(context, found.error);
    const version = context.req.param("version");
    const subject = world.supervisor.find(place.environment, place.service, version);
    if (subject === null) {
      return problem(context, 404, "unknown-version", `${place.service} ${version} was never started here.`);
    }
    if (subject.state !== "ready") {
      return problem(context, 409, "not-ready", `${place.service} ${version} is ${subject.state}; start it first.`);
    }
    const service = findService(world.settings.fleetFile, place.service);
    const neighbours = (name: string) =>
      recordsOf(world, { environment: place.environment, service: name })
        .filter((record) => record.state === "ready")
        .map((record) => record.port);
    return context.json({ checks: await smoke(subject, service?.checks ?? [], neighbours) });
  });
}

function addEffects(app: Hono, world: World): void {
  app.post(`${servicePath}/versions`, async (context) => {
    const body = startVersionBody.safeParse(await readBody(context));
    if (!body.success) return malformed(context, body.error);
    return answered(context, await startVersion(world, placeOf(context), body.data));
  });
  app.post(`${servicePath}/weights`, async (context) => {
    const body = weightsBody.safeParse(await readBody(context));
    if (!body.success) return malformed(context, body.error);
    return answered(context, await setWeights(world, placeOf(context), body.data));
  });
  app.post(`${servicePath}/versions/:version/stop`, async (context) => {
    const body = commandBody.safeParse(await readBody(context));
    if (!body.success) return malformed(context, body.error);
    const version = context.req.param("version");
    return answered(context, await stopVersion(world, placeOf(context), { ...body.data, version }));
  });
}

/** Undefined, which no schema accepts, for a body that is not JSON. */
function readBody(context: Context): Promise<unknown> {
  return context.req.json().catch(() => undefined);
}

function isBearer(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(header ?? ""), digest(`Bearer ${token}`));
}

function answered(context: Context, result: Result<object, Refusal>): Response {
  return result.ok ? context.json(result.value) : refused(context, result.error);
}

function refused(context: Context, { status, code, message }: Refusal): Response {
  return problem(context, status, code, message);
}

function malformed(context: Context, error: z.ZodError): Response {
  return problem(context, 400, "bad-request", z.prettifyError(error));
}

function problem(_context: Context, status: number, code: string, title: string): Response {
  const headers = { "content-type": "application/problem+json" };
  return new Response(JSON.stringify({ type: "about:blank", status, code, title }), { status, headers });
}

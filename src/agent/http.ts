import { createHash, timingSafeEqual } from "node:crypto";
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { answered, malformed, placeOf, problem, readBody, refused, servicePath } from "#agent/answers.ts";
import { setWeights, startVersion, stopVersion } from "#agent/effects.ts";
import { findService } from "#agent/fleet.ts";
import { addCommands } from "#agent/http-commands.ts";
import { addControls } from "#agent/http-controls.ts";
import { reach } from "#agent/reach.ts";
import { smoke } from "#agent/smoke.ts";
import { findDriver, observe, recordsOf, routingIn, type Place, type World } from "#agent/world.ts";
import {
  exchangeHeader,
  startVersionBody,
  stopVersionBody,
  weightsBody,
  type AgentObservation,
} from "#contract/agent.ts";
import { ok } from "#core/result.ts";

const bodyBytes = 64 * 1024;
const number = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** What comes back to the caller as it was sent: nothing that could be more than a word. */
const exchangeText = z.string().regex(/^[\w-]{1,64}$/);

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
  app.use(async (context, next) => {
    await next();
    const exchange = exchangeText.safeParse(context.req.header(exchangeHeader));
    if (exchange.success) context.res.headers.set(exchangeHeader, exchange.data);
  });
  app.get("/livez", (context) => context.text("ok"));
  app.use(async (context, next) => {
    if (isBearer(context.req.header("authorization"), token)) return next();
    return problem(context, 401, "unauthorized", "Send the agent's token as a bearer token.");
  });
  const tooLarge = (context: Context) => problem(context, 413, "too-large", `The limit is ${bodyBytes} bytes.`);
  app.use(bodyLimit({ maxSize: bodyBytes, onError: tooLarge }));
  addReads(app, world);
  addPaths(app, world);
  addEffects(app, world);
  addCommands(app, world);
  addControls(app, world);
  return app;
}

async function observeWith(world: World, place: Place, wanted: string): ReturnType<typeof observe> {
  const seen = await observe(world, place);
  if (!seen.ok || !["routing", "sessions"].includes(wanted)) return seen;
  const routing = await routingIn(world, place, wanted === "sessions");
  return routing.ok ? ok({ ...seen.value, routing: routing.value }) : routing;
}

function addReads(app: Hono, world: World): void {
  app.get(servicePath, async (context) =>
    answered(context, await observeWith(world, placeOf(context), context.req.query("with") ?? "")),
  );
  app.get(`${servicePath}/traffic`, (context) => {
    const found = findDriver(world, placeOf(context));
    if (!found.ok) return refused(context, found.error);
    const since = number.safeParse(context.req.query("since"));
    if (!since.success) return problem(context, 400, "bad-request", "`since` must be a number of epoch seconds.");
    return context.json(found.value.traffic(since.data));
  });
  app.get("/v1/inventory", async (context) => {
    const services: AgentObservation[] = [];
    for (const key of world.drivers.keys()) {
      const [environment = "", service = ""] = key.split("/");
      const seen = await observe(world, { environment, service });
      // A part of the inventory would look like the whole of it.
      if (!seen.ok) return refused(context, seen.error);
      services.push(seen.value);
    }
    return context.json({ services });
  });
  app.get("/v1/ledger", (context) => {
    const after = number.safeParse(context.req.query("after") ?? "0");
    if (!after.success) return problem(context, 400, "bad-request", "`after` must be the number of an entry.");
    return context.json({ entries: world.ledger.after(after.data) });
  });
  app.post(`${servicePath}/versions/:version/smoke`, async (context) => {
    const place = placeOf(context);
    const found = findDriver(world, place);
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

function addPaths(app: Hono, world: World): void {
  app.get("/v1/paths/:name", async (context) => {
    const name = context.req.param("name");
    const path = world.settings.paths.find((each) => each.name === name);
    if (path === undefined) {
      return problem(context, 404, "unknown-path", `The agent's configuration names no path ${name}; add it there.`);
    }
    return context.json(await reach(path));
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
    const body = stopVersionBody.safeParse(await readBody(context));
    if (!body.success) return malformed(context, body.error);
    const version = context.req.param("version");
    return answered(context, await stopVersion(world, placeOf(context), { ...body.data, version }));
  });
}

function isBearer(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(header ?? ""), digest(`Bearer ${token}`));
}

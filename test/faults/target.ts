import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { fakeDeployer, type FakeDeployer, type FakeProgram } from "#connectors/fake/deployer.ts";
import type { Failure, ObservedVersion, Target } from "#connectors/port.ts";
import { startVersionBody, weightsBody, stopVersionBody, type LedgerEntry } from "#contract/agent.ts";
import type { Result } from "#core/result.ts";
import { systemClock } from "#runtime/clock.ts";

/*
 * Targets that do what agents do, keep a ledger that never lies, and misbehave on the wire as they are told. Each process
 * of the control plane reaches them by a door of its own, so that one of them can be cut off or be seen to call.
 */

/** What a call over the wire meets. Effects have happened in all but `refuse` and `answer`. */
export type Mishap =
  | { readonly kind: "slow"; readonly ms: number }
  /** The effect happens; no answer ever comes. */
  | { readonly kind: "hang" }
  /** The effect happens; the socket is cut before the answer. */
  | { readonly kind: "lost-answer" }
  /** The effect happens; these bytes are answered with 200. */
  | { readonly kind: "garbage"; readonly body: Buffer; readonly type: string }
  /** Nothing happens, and this is answered. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  | { readonly kind: "drip"; readonly ms: number };

export const operations = [
  "observe",
  "startVersion",
  "smoke",
  "proveControls",
  "shift",
  "stopVersion",
  "traffic",
] as const;
export type Operation = (typeof operations)[number];

interface Armed {
  readonly on: (call: AgentCall) => boolean;
  readonly mishap: Mishap;
  left: number;
}

export interface AgentCall {
  readonly operation: Operation;
  readonly door: string;
  readonly environment: string;
  readonly service: string;
  readonly key: string | null;
  /** A shift back to 100 % of one version that was there before. */
  readonly detail: string;
}

export interface Targets {
  readonly doors: ReadonlyMap<string, number>;
  readonly ledger: readonly LedgerEntry[];
  /** Every call as it came, refused and repeated ones too. */
  readonly calls: readonly AgentCall[];
  readonly fake: FakeDeployer;
  readonly truth: (target: Target) => readonly ObservedVersion[];
  /** The next `times` calls that fit meet this; returns how many have met it so far. */
  readonly arm: (mishap: Mishap, times: number, on?: (call: AgentCall) => boolean) => () => number;
  readonly disarm: () => void;
  /** Connections that hang for ever are cut. */
  readonly release: () => void;
  readonly close: (door: string) => Promise<void>;
  readonly open: (door: string) => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

interface World {
  readonly fake: FakeDeployer;
  readonly calls: AgentCall[];
  readonly armed: Armed[];
  readonly hanging: Set<ServerResponse>;
  readonly servers: Map<string, Server>;
  readonly ports: Map<string, number>;
}

export async function openTargets(
  programs: readonly FakeProgram[],
  live: readonly (Target & { readonly version: string })[],
  doors: readonly string[],
): Promise<Targets> {
  const fake = fakeDeployer({ now: systemClock.now, programs, live });
  const world: World = { fake, calls: [], armed: [], hanging: new Set(), servers: new Map(), ports: new Map() };
  for (const door of doors) await open(world, door);
  const release = (): void => {
    for (const response of world.hanging) response.destroy();
    world.hanging.clear();
  };
  return {
    doors: world.ports,
    ledger: fake.ledger,
    calls: world.calls,
    fake,
    truth: fake.truth,
    arm: (mishap, times, on = () => true) => {
      const armed: Armed = { on, mishap, left: times };
      world.armed.push(armed);
      return () => times - armed.left;
    },
    disarm: () => {
      world.armed.length = 0;
      fake.faults.clear();
      release();
    },
    release,
    close: (door) => close(world, door),
    open: (door) => open(world, door),
    [Symbol.asyncDispose]: async () => {
      release();
      for (const door of world.servers.keys()) await close(world, door);
    },
  };
}

async function open(world: World, door: string): Promise<void> {
  const server = createServer((request, response) => {
    serve(world, door, request, response).catch(() => response.destroy());
  });
  server.listen(world.ports.get(door) ?? 0, "127.0.0.1");
  await once(server, "listening");
  world.ports.set(door, z.object({ port: z.number() }).parse(server.address()).port);
  world.servers.set(door, server);
}

async function close(world: World, door: string): Promise<void> {
  const server = world.servers.get(door);
  if (server === undefined) return;
  world.servers.delete(door);
  server.closeAllConnections();
  server.close();
  await once(server, "close");
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const text = (await request.setEncoding("utf8").toArray()).join("");
  return text === "" ? null : JSON.parse(text);
}

const path =
  /^\/v1\/environments\/([^/]+)\/services\/([^/?]+)(?:\/(versions|weights|traffic))?(?:\/([^/?]+)\/(smoke|controls|stop))?/;

async function serve(world: World, door: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? "";
  const [, environment = "", service = "", thing, version = "", verb] = path.exec(url) ?? [];
  const body = await bodyOf(request);
  const operation = operationOf(request.method ?? "", thing, verb);
  const known = z.object({ key: z.string() }).safeParse(body);
  const call: AgentCall = {
    operation,
    door,
    environment,
    service,
    key: known.success ? known.data.key : null,
    detail: `${version} ${JSON.stringify(body)}`,
  };
  world.calls.push(call);
  const armed = world.armed.find((each) => each.left > 0 && each.on(call));
  if (armed !== undefined) armed.left--;
  const mishap = armed?.mishap ?? null;
  if (mishap?.kind === "answer") {
    response.writeHead(mishap.status, mishap.headers).end(mishap.body ?? "");
    return;
  }
  const answered = await answerTo(world, call, { url, version, body });
  await tell(world, response, answered, mishap);
}

function operationOf(method: string, thing: string | undefined, verb: string | undefined): Operation {
  if (verb === "smoke") return "smoke";
  if (verb === "controls") return "proveControls";
  if (verb === "stop") return "stopVersion";
  if (thing === "traffic") return "traffic";
  if (thing === "weights") return "shift";
  return method === "POST" ? "startVersion" : "observe";
}

interface Asked {
  readonly url: string;
  readonly version: string;
  readonly body: unknown;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answerTo(world: World, call: AgentCall, { url, version, body }: Asked): Promise<Answer> {
  const { fake } = world;
  const { environment, service, operation } = call;
  const target = { environment, service };
  switch (operation) {
    case "observe":
      return answerOf(await fake.observe(target), () => observation(world, target));
    case "startVersion": {
      const { key, fence, ...asked } = startVersionBody.parse(body);
      return answerOf(await fake.startVersion({ ...target, ...asked }, { key, fence }), versionOf);
    }
    case "smoke":
      return answerOf(await fake.smoke({ ...target, version }), (checks) => ({ checks }));
    case "proveControls": {
      const when = z.enum(["prepared", "live"]).parse(new URL(url, "http://target").searchParams.get("when"));
      return answerOf(await fake.proveControls({ ...target, version, when }), (controls) => ({ controls }));
    }
    case "shift": {
      const { key, fence, weights } = weightsBody.parse(body);
      const [first, second] = Object.entries(weights);
      if (first === undefined) throw new Error("no shares");
      const shift = { ...target, version: first[0], percent: first[1], control: second?.[0] ?? null };
      return answerOf(await fake.shift(shift, { key, fence }), ({ versions }) => observation(world, target, versions));
    }
    case "stopVersion":
      return answerOf(await fake.stopVersion({ ...target, version }, stopVersionBody.parse(body)), () =>
        observation(world, target),
      );
    case "traffic": {
      const since = Number(new URL(url, "http://target").searchParams.get("since"));
      return answerOf(await fake.traffic({ ...target, since }), (traffic) => traffic);
    }
  }
}

function answerOf<T>(result: Result<T, Failure>, show: (value: T) => unknown): Answer {
  if (result.ok) return { status: 200, body: show(result.value) };
  const { code, message } = result.error;
  return { status: result.error.retry === "later" ? 503 : 409, body: { code, title: message } };
}

function observation(world: World, target: Target, told?: readonly ObservedVersion[]): unknown {
  const fences = world.fake.ledger.filter(({ environment }) => environment === target.environment);
  return {
    ...target,
    versions: (told ?? world.fake.truth(target)).map(versionOf),
    fence: Math.max(0, ...fences.map(({ fence }) => fence)),
    url: "http://127.0.0.1:1/",
    observedAt: systemClock.now().toString(),
  };
}

function versionOf({ version, digest, state, percent, reason }: ObservedVersion): unknown {
  return { version, digest, state, percent, pid: null, startedAt: null, reason: reason ?? null };
}

const dripChars = 16;

async function tell(
  world: World,
  response: ServerResponse,
  { status, body }: Answer,
  mishap: Exclude<Mishap, { kind: "answer" }> | null,
): Promise<void> {
  const text = JSON.stringify(body);
  switch (mishap?.kind) {
    case "hang":
      world.hanging.add(response);
      return;
    case "lost-answer":
      response.destroy();
      return;
    case "garbage":
      response.writeHead(200, { "content-type": mishap.type }).end(mishap.body);
      return;
    case "slow":
      await delay(mishap.ms);
      break;
    case "drip":
      response.writeHead(status, { "content-type": "application/json" });
      for (let at = 0; at < text.length; at += dripChars) {
        response.write(text.slice(at, at + dripChars));
        await delay(mishap.ms);
      }
      response.end();
      return;
    case undefined:
      break;
  }
  response.writeHead(status, { "content-type": "application/json" }).end(text);
}

import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { Agent, createServer, request, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lanes } from "#agent/lanes.ts";
import { openLedger } from "#agent/ledger.ts";
import { agentSettings, type TrafficSettings } from "#agent/settings.ts";
import { openState, type ProcessRecord } from "#agent/state.ts";
import type { TrafficBench, Asked } from "#agent/traffic/conformance.ts";
import { openDrive } from "#agent/traffic/open.ts";
import { keyOf, type World } from "#agent/world.ts";
import { monotonicMs } from "#runtime/clock.ts";
import { freePorts } from "#test/support/free-ports.ts";

export const programs = { haproxy: "/usr/sbin/haproxy", nginx: "/usr/sbin/nginx" } as const;

export function notRun(kind: keyof typeof programs): string | false {
  return existsSync(programs[kind]) ? false : `not run: ${kind} is not installed`;
}

export function settingsOf(kind: TrafficSettings["driver"]): TrafficSettings {
  return kind === "embedded" ? { driver: kind } : { driver: kind, program: programs[kind] };
}

const place = { environment: "prod", service: "shop" };

/** `/slow` answers in two parts, the second when it is told to; everything else at once. */
function answers(version: string, held: (() => void)[]): RequestListener {
  return (incoming, answer) => {
    incoming.resume();
    if (incoming.url !== "/slow") {
      answer.end(version);
      return;
    }
    answer.write(`${version} `);
    held.push(() => answer.end("done"));
  };
}

async function listen(
  version: string,
  held: (() => void)[],
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer({ keepAliveTimeout: 65_000 }, answers(version, held));
  const port = await freePorts(1);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { server, port };
}

export interface OpenBench extends TrafficBench {
  readonly folder: string;
}

/** Three versions of one service that answer at once, with the proxy of a driver in front of them; the first has everything. */
export async function openTrafficBench(kind: TrafficSettings["driver"]): Promise<OpenBench> {
  const folder = mkdtempSync(join(tmpdir(), "tg-traffic-"));
  const held: (() => void)[] = [];
  const versions = ["1.0.0", "1.1.0", "1.2.0"];
  const servers: { readonly version: string; readonly server: Server; readonly port: number }[] = [];
  for (const version of versions) servers.push({ version, ...(await listen(version, held)) });
  const from = await freePorts(3);
  const logged: string[] = [];
  const opening = {
    folder: join(folder, "traffic"),
    fronts: [{ service: place.service, port: from }],
    ports: { status: from + 1, log: from + 2 },
    log: (message: string) => void logged.push(message),
  };
  let drive = await openDrive(settingsOf(kind), opening);
  const store = await openState(join(folder, "state.json"));
  store.state.processes.push(...servers.map(({ version, port }) => readyRecord(version, port)));
  const find: World["supervisor"]["find"] = (_environment, _service, version) =>
    store.state.processes.find((each) => each.version === version) ?? null;
  const none = () => Promise.reject(new Error("not in this bench"));
  const ledger = await openLedger(join(folder, "ledger.jsonl"));
  const driverOf = () => new Map([...drive.drivers].map(([service, each]) => [keyOf({ ...place, service }), each]));
  const world: { -readonly [Field in keyof World]: World[Field] } = {
    settings: agentSettings.parse({
      port: 18_000,
      tokenFile: "token",
      stateFolder: folder,
      fleetFile: "fleet.json",
      environments: ["prod"],
      proxyPorts: { from: 18_001, to: 18_002 },
      servicePorts: { from: 18_003, to: 18_004 },
      drainForMs: 5_000,
    }),
    store,
    ledger,
    supervisor: {
      find,
      stop: (record) => {
        record.state = "stopped";
        return Promise.resolve();
      },
      settled: none,
      start: none,
      adopt: none,
      rest: none,
      leave: () => undefined,
    },
    drivers: driverOf(),
    lanes: lanes(),
    commands: { fenceOf: () => 0, accept: () => Promise.resolve(), running: new Set() },
    // As if it had run for long: what happened before is known.
    startedAtMs: monotonicMs() - 3_600_000,
  };
  const connections = new Agent({ keepAlive: true, maxSockets: 8 });
  return {
    folder: opening.folder,
    world,
    place,
    versions: { live: "1.0.0", fresh: "1.1.0", other: "1.2.0" },
    ask: (path, headers) => send(`http://127.0.0.1:${from}${path}`, headers, connections),
    release: () => {
      for (const end of held.splice(0)) end();
    },
    held: () => held.length,
    again: async () => {
      await drive.close("leave");
      drive = await openDrive(settingsOf(kind), opening);
      world.drivers = driverOf();
    },
    close: async () => {
      connections.destroy();
      for (const { server } of servers) {
        server.closeAllConnections();
        server.close();
      }
      await drive.close("stop");
      await ledger.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function readyRecord(version: string, port: number): ProcessRecord {
  const digest = `sha256:${"0".repeat(64)}`;
  const at = { startedAt: null, pid: null, reason: null };
  return { ...place, version, digest, port, instance: randomUUID(), state: "ready", ...at };
}

/** One request; status 0 when the connection failed or the answer was cut. */
export function send(url: string, headers: Readonly<Record<string, string>>, agent: Agent): Promise<Asked> {
  return new Promise((resolve) => {
    const call = request(url, { headers, agent }, (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
      answer.on("close", () => {
        const { statusCode = 0, complete } = answer;
        resolve({
          status: complete ? statusCode : 0,
          version: versionIn(answer.headers),
          text,
          cookie: cookieIn(answer.headers),
        });
      });
    });
    call.on("error", () => resolve({ status: 0, version: null, text: "", cookie: null }));
    call.end();
  });
}

function versionIn(headers: IncomingHttpHeaders): string | null {
  const header = headers["x-tidegate-version"];
  return typeof header === "string" ? header : null;
}

function cookieIn(headers: IncomingHttpHeaders): string | null {
  return headers["set-cookie"]?.[0]?.split(";")[0] ?? null;
}

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "#agent/files.ts";
import { readFleet } from "#agent/fleet.ts";
import { claimPort } from "#agent/ports.ts";
import { openProxy } from "#agent/proxy.ts";
import type { AgentSettings, TrafficSettings } from "#agent/settings.ts";
import type { StateStore } from "#agent/state.ts";
import { openAccessLines } from "#agent/traffic/access-lines.ts";
import type { TrafficDriver } from "#agent/traffic/driver.ts";
import { embeddedDriver } from "#agent/traffic/embedded.ts";
import { haproxyConfig, haproxyFiles, type Front } from "#agent/traffic/haproxy-config.ts";
import { runtimeApi } from "#agent/traffic/haproxy-socket.ts";
import { haproxyDriver } from "#agent/traffic/haproxy.ts";
import { inTurn } from "#agent/traffic/in-turn.ts";
import { nginxConfig, nginxFiles, serviceConfig, type NginxPorts } from "#agent/traffic/nginx-config.ts";
import { nginxDriver, workerOf } from "#agent/traffic/nginx.ts";
import { proxyProcess, type ProxyProcess } from "#agent/traffic/proxy-process.ts";
import { keyOf } from "#agent/world.ts";

export interface OpenTraffic {
  /** By `environment/service`. */
  readonly drivers: ReadonlyMap<string, TrafficDriver>;
  /** Embedded proxies end with the agent; those in processes of their own as the configuration says. */
  readonly close: () => Promise<void>;
}

/** What drives one environment. */
export interface Drive {
  /** By service. */
  readonly drivers: ReadonlyMap<string, TrafficDriver>;
  readonly close: (how: AgentSettings["onStop"]) => Promise<void>;
}

/** What a proxy in a process of its own is started with. */
export interface DriveSettings {
  readonly program: string;
  /** Its configuration, state and pid; one process per folder. */
  readonly folder: string;
  readonly fronts: readonly Front[];
  readonly ports: NginxPorts;
  readonly log: (message: string) => void;
}

/** One driver for each service in each environment, on the port it had before or the next free one. */
export async function openTraffic(
  settings: AgentSettings,
  store: StateStore,
  log: (message: string) => void,
): Promise<OpenTraffic> {
  const known = store.state.proxies;
  const taken = new Set(Object.values(known));
  const portFor = async (key: string) => (known[key] ??= await claimPort(settings.proxyPorts, taken));
  const drives: Drive[] = [];
  const drivers = new Map<string, TrafficDriver>();
  for (const environment of settings.environments) {
    const fronts: Front[] = [];
    for (const { name } of readFleet(settings.fleetFile).services) {
      fronts.push({ service: name, port: await portFor(keyOf({ environment, service: name })) });
    }
    const traffic = settings.traffic[environment] ?? { driver: "embedded" };
    const folder = join(settings.stateFolder, "traffic", environment);
    const ports =
      traffic.driver === "embedded"
        ? { status: 0, log: 0 }
        : { status: await portFor(`${environment}//status`), log: await portFor(`${environment}//log`) };
    await store.save();
    const drive = await openDrive(traffic, { folder, fronts, ports, log });
    drives.push(drive);
    for (const [service, driver] of drive.drivers) drivers.set(keyOf({ environment, service }), driver);
  }
  return {
    drivers,
    close: async () => {
      await Promise.all(drives.map((drive) => drive.close(settings.onStop)));
    },
  };
}

type Opening = Omit<DriveSettings, "program">;

/** The registry of drivers: one line for each. Throws if the proxy cannot start. */
export function openDrive(traffic: TrafficSettings, opening: Opening): Promise<Drive> {
  switch (traffic.driver) {
    case "embedded":
      return openEmbedded(opening);
    case "haproxy":
      return openHaproxy({ ...opening, program: traffic.program });
    case "nginx":
      return openNginx({ ...opening, program: traffic.program });
  }
}

async function openEmbedded({ fronts }: Opening): Promise<Drive> {
  const proxies = await Promise.all(
    fronts.map(async ({ service, port }) => [service, await openProxy(port, service)] as const),
  );
  return {
    drivers: new Map(proxies.map(([service, proxy]) => [service, embeddedDriver(proxy)])),
    close: async () => {
      await Promise.all(proxies.map(([, proxy]) => proxy.close()));
    },
  };
}

/** Longest path of a unix socket, its end included. */
const socketPathBytes = 108;

async function openHaproxy({ program, folder, fronts, ports, log }: DriveSettings): Promise<Drive> {
  const files = haproxyFiles(folder);
  if (Buffer.byteLength(files.socket) >= socketPathBytes) {
    throw new Error(`${files.socket} is too long for a socket; choose a shorter stateFolder.`);
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const { service } of fronts) {
    await fill(files.versions(service), "");
    await fill(files.cohorts(service), "");
  }
  await fill(files.serverState, "1\n");
  const pidFile = join(folder, "haproxy.pid");
  const ask = runtimeApi(files.socket);
  const running = proxyProcess({
    program,
    checkArgs: ["-c", "-f", files.config],
    startArgs: ["-W", "-D", "-f", files.config, "-p", pidFile],
    pidFile,
    mark: files.config,
    reloadSignal: "SIGUSR2",
    answers: async () => (await ask("show version")).ok,
    // Its workers end with their master.
    orphan: () => Promise.resolve(null),
  });
  await begin(running, files.config, haproxyConfig(folder, fronts, ports.log));
  const turns = inTurn();
  return await besideUs(running, fronts, ports, log, ({ service }, url, traffic) =>
    haproxyDriver({ service, url, files, ask, turns, traffic }),
  );
}

async function openNginx({ program, folder, fronts, ports, log }: DriveSettings): Promise<Drive> {
  const files = nginxFiles(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const front of fronts) {
    const empty = serviceConfig(front, { routes: [], sticky: false, cohorts: {} }, ports);
    await fill(files.ofService(front.service), empty ?? "");
  }
  const [first] = fronts;
  const worker = () => (first === undefined ? Promise.resolve(null) : workerOf({ front: first, ports }));
  const args = ["-p", folder, "-c", files.config, "-e", join(folder, "error.log")];
  const running = proxyProcess({
    program,
    checkArgs: ["-t", "-q", ...args],
    startArgs: args,
    pidFile: files.pid,
    mark: files.config,
    reloadSignal: "SIGHUP",
    answers: async () => (await worker()) !== null,
    orphan: worker,
  });
  await begin(running, files.config, nginxConfig(folder));
  const turns = inTurn();
  return await besideUs(running, fronts, ports, log, (front, url, traffic) =>
    nginxDriver({ front, url, files, ports, process: running, turns, traffic }),
  );
}

/** Writes a file that is not there yet. */
async function fill(file: string, text: string): Promise<void> {
  const there = await readFile(file, "utf8").catch(() => null);
  if (there === null) await replaceFile(file, text);
}

/** Starts the proxy, or takes over the one that an agent before left; that one is reloaded if its frame is another now. */
async function begin(running: ProxyProcess, config: string, text: string): Promise<void> {
  const there = await readFile(config, "utf8").catch(() => null);
  if (there !== text) await replaceFile(config, text);
  const complaint = await running.check();
  if (complaint !== null) throw new Error(`The proxy refuses ${config}: ${complaint}`);
  if (there !== text) await running.signalReload();
  await running.ensure();
}

async function besideUs(
  running: ProxyProcess,
  fronts: readonly Front[],
  ports: NginxPorts,
  log: (message: string) => void,
  toDriver: (front: Front, url: string, traffic: TrafficDriver["traffic"]) => TrafficDriver,
): Promise<Drive> {
  const lines = await openAccessLines(
    ports.log,
    fronts.map(({ service }) => service),
  );
  running.keep(log);
  const drivers = fronts.map(
    (front) =>
      [front.service, toDriver(front, `http://127.0.0.1:${front.port}`, lines.traffic(front.service))] as const,
  );
  return {
    drivers: new Map(drivers),
    close: async (how) => {
      running.leave();
      if (how === "stop") await running.stop();
      await lines.close();
    },
  };
}

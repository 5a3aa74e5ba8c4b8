import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { z } from "zod";
import { replaceFile } from "#agent/files.ts";
import type { Refusal } from "#agent/refusal.ts";
import { unknownTraffic, type Routing, type TrafficDriver } from "#agent/traffic/driver.ts";
import type { Front } from "#agent/traffic/haproxy-config.ts";
import type { InTurn } from "#agent/traffic/in-turn.ts";
import { digestOfRouting, serviceConfig, type NginxFiles, type NginxPorts } from "#agent/traffic/nginx-config.ts";
import { commandLine, until, type ProxyProcess } from "#agent/traffic/proxy-process.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { TrafficAbilities } from "#core/rollout/traffic-abilities.ts";

/** Weights as fine as those of the embedded proxy. Every reload ends connections that clients hold open. */
const nginxAbilities: TrafficAbilities = {
  driver: "nginx",
  finestPercent: 0.1,
  exactWithin: 0.001,
  mostVersions: 50,
  sticky: true,
  cohorts: true,
  losesNothing: false,
};

const answerWithinMs = 2_000;
const effectWithinMs = 10_000;

export interface NginxPlace {
  readonly front: Front;
  readonly url: string;
  readonly files: NginxFiles;
  readonly ports: NginxPorts;
  readonly process: ProxyProcess;
  /** One for all services of the process: a reload is one of all of them. */
  readonly turns: InTurn;
  readonly traffic: TrafficDriver["traffic"];
}

const told = z.object({
  digest: z.string(),
  routes: z.array(z.object({ version: z.string(), port: z.int().nullable(), percent: z.number() })),
  sticky: z.boolean(),
  cohorts: z.record(z.string(), z.string()),
});

interface Loaded extends z.infer<typeof told> {
  /** Process that answered. */
  readonly worker: number;
}

/** Drives one service of an nginx by its file: rendered, checked, reloaded, and read back from who has it loaded. */
export function nginxDriver(place: NginxPlace): TrafficDriver {
  return {
    can: nginxAbilities,
    url: place.url,
    set: (routing) => place.turns(() => setRouting(place, routing)),
    read: async () => {
      const loaded = await ask(place);
      if (!loaded.ok) return loaded;
      const { routes, sticky, cohorts } = loaded.value;
      const given = routes.filter(({ percent }) => percent > 0);
      return ok({
        shares: Object.fromEntries(given.map(({ version, percent }) => [version, percent])),
        sticky,
        cohorts,
      });
    },
    inFlight: async (version) => {
      const loaded = await ask(place);
      if (!loaded.ok) return loaded;
      const port = loaded.value.routes.find((each) => each.version === version)?.port ?? null;
      return ok(port === null ? 0 : await connectionsTo(port));
    },
    traffic: place.traffic,
  };
}

/** The worker that answers for a service; null if none does. It outlives a master that was killed. */
export async function workerOf(place: Pick<NginxPlace, "front" | "ports">): Promise<number | null> {
  const loaded = await ask(place);
  return loaded.ok && Number.isSafeInteger(loaded.value.worker) ? loaded.value.worker : null;
}

/** The routing that the running process has loaded, whatever the file says. */
function ask({ front, ports }: Pick<NginxPlace, "front" | "ports">): Promise<Result<Loaded, Refusal>> {
  const away = `nginx does not tell the routing of ${front.service}`;
  return new Promise((resolve) => {
    const call = request(
      { host: "127.0.0.1", port: ports.status, path: "/routing", headers: { host: front.service }, agent: false },
      (answer) => {
        let text = "";
        answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
        answer.on("close", () => {
          const read = told.safeParse(parse(text));
          const worker = Number(answer.headers["x-worker"]);
          resolve(read.success ? ok({ ...read.data, worker }) : err(unknownTraffic(away)));
        });
      },
    );
    call.setTimeout(answerWithinMs, () => call.destroy());
    call.on("error", () => resolve(err(unknownTraffic(away))));
    call.end();
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function setRouting(place: NginxPlace, routing: Routing): Promise<Result<void, Refusal>> {
  const text = serviceConfig(place.front, routing, place.ports);
  if (text === null) {
    const message = `nginx cannot give these shares of ${place.front.service}; choose shares of a tenth of a per cent.`;
    return err({ code: "share-not-possible", status: 422, message });
  }
  const digest = digestOfRouting(routing);
  const file = place.files.ofService(place.front.service);
  const before = await ask(place);
  const former = await readFile(file, "utf8").catch(() => null);
  if (before.ok && before.value.digest === digest && former === text) return ok(undefined);
  await replaceFile(file, text);
  const complaint = await place.process.check();
  if (complaint !== null) {
    // The next reload, for whatever service, must not meet a file that nginx refuses.
    if (former !== null) await replaceFile(file, former);
    const message = `nginx refuses the configuration of ${place.front.service}, nothing was changed: ${complaint}`;
    return err({ code: "proxy-refused", status: 503, message: message.slice(0, 1_500) });
  }
  if (!(await place.process.signalReload())) return err(unknownTraffic("nginx is not running"));
  return await inEffect(place, digest, before.ok ? before.value.worker : null);
}

/** In effect: the new worker answers with the new routing, and the old one takes no connection any more. */
async function inEffect(place: NginxPlace, digest: string, oldWorker: number | null) {
  const isNew = async () => {
    const loaded = await ask(place);
    if (!loaded.ok || loaded.value.digest !== digest || loaded.value.worker === oldWorker) return false;
    const old = oldWorker === null ? null : commandLine(oldWorker);
    return old === null || old === "" || old.includes("shutting down");
  };
  try {
    await until(effectWithinMs, isNew, "the new routing is not in effect");
    return ok(undefined);
  } catch {
    return err(unknownTraffic(`nginx was reloaded and does not show the new routing within ${effectWithinMs} ms`));
  }
}

/** Established connections to a port on loopback, by the kernel's own list (local, remote, state in columns 1 to 3). */
async function connectionsTo(port: number): Promise<number> {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const text = await readFile("/proc/net/tcp", "utf8").catch(() => "");
  const rows = text.split("\n").map((each) => each.trim().split(/\s+/));
  return rows.filter(([, , to, state]) => to === remote && state === "01").length;
}

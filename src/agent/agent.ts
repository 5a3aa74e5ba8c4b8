import { mkdir } from "node:fs/promises";
import { createAdaptorServer } from "@hono/node-server";
import { join } from "node:path";
import { openCommands } from "#agent/commands.ts";
import { readFleet } from "#agent/fleet.ts";
import { agentApi } from "#agent/http.ts";
import { lanes } from "#agent/lanes.ts";
import { openLedger } from "#agent/ledger.ts";
import { claimPort } from "#agent/ports.ts";
import { openProxy, type Proxy } from "#agent/proxy.ts";
import { readToken, type AgentSettings } from "#agent/settings.ts";
import { openState, type StateStore } from "#agent/state.ts";
import { supervisor } from "#agent/supervisor.ts";
import { keyOf, routeTraffic, type World } from "#agent/world.ts";
import { systemClock } from "#runtime/clock.ts";

export interface RunningAgent {
  readonly url: string;
  /** Closes interface and proxies; the services go on or rest until the next start, as the configuration says. */
  readonly stop: () => Promise<void>;
}

/**
 * Runs an agent until `stop`: proxies first, with the weights of the agent before, then the processes it left, then the
 * interface. Throws if the configuration, the ledger or the state cannot be used: an agent that has forgotten what it
 * did must not do anything.
 */
export async function runAgent(
  settings: AgentSettings,
  log: (message: string) => void = logToStderr,
): Promise<RunningAgent> {
  const token = readToken(settings.tokenFile);
  // The port is the lock: a second agent with this configuration ends here, before it touches ledger or state.
  let api = starting;
  const close = await listen(settings.port, (call) => api(call));
  await mkdir(join(settings.stateFolder, "logs"), { recursive: true, mode: 0o700 });
  const store = await openState(join(settings.stateFolder, "state.json"));
  const ledger = await openLedger(join(settings.stateFolder, "ledger.jsonl"));
  const commands = await openCommands(settings.stateFolder);
  const proxies = await openProxies(settings, store);
  const processes = supervisor({
    settings,
    store,
    log,
    neighbours: (environment, { service }) =>
      Object.fromEntries(
        service.calls.map((callee) => {
          const name = `${callee.toUpperCase().replaceAll("-", "_")}_URL`;
          return [name, proxies.get(keyOf({ environment, service: callee }))?.url ?? ""];
        }),
      ),
    changed: (record) => routeTraffic({ store, proxies }, record),
  });
  for (const key of proxies.keys()) {
    const [environment = "", service = ""] = key.split("/");
    routeTraffic({ store, proxies }, { environment, service });
  }
  await processes.adopt();
  const world: World = { settings, store, ledger, supervisor: processes, proxies, lanes: lanes(), commands };
  const ready = agentApi(world, token, log);
  api = (call) => ready.fetch(call);
  return {
    url: `http://127.0.0.1:${settings.port}`,
    stop: async () => {
      await close();
      if (settings.onStop === "stop") await processes.rest();
      processes.leave();
      await store.save();
      await Promise.all([...proxies.values()].map((proxy) => proxy.close()));
      await ledger.close();
    },
  };
}

/** One proxy for each service in each environment, on the port it had before or the next free one. */
async function openProxies(settings: AgentSettings, store: StateStore): Promise<ReadonlyMap<string, Proxy>> {
  const known = store.state.proxies;
  const taken = new Set(Object.values(known));
  const proxies = new Map<string, Proxy>();
  for (const environment of settings.environments) {
    for (const { name } of readFleet(settings.fleetFile).services) {
      const key = keyOf({ environment, service: name });
      const port = known[key] ?? (await claimPort(settings.proxyPorts, taken));
      known[key] = port;
      proxies.set(key, await openProxy(port));
    }
  }
  await store.save();
  return proxies;
}

type Api = (call: Request) => Response | Promise<Response>;

const starting: Api = () => new Response("The agent is starting.\n", { status: 503, headers: { "retry-after": "1" } });

async function listen(port: number, api: Api): Promise<() => Promise<void>> {
  const server = createAdaptorServer({ fetch: api });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      if ("closeAllConnections" in server) server.closeAllConnections();
    });
}

function logToStderr(message: string): void {
  process.stderr.write(`${systemClock.now().toString()} ${message}\n`);
}

import { mkdir } from "node:fs/promises";
import { createAdaptorServer } from "@hono/node-server";
import { join } from "node:path";
import { openCommands } from "#agent/commands.ts";
import { agentApi } from "#agent/http.ts";
import { lanes } from "#agent/lanes.ts";
import { openLedger } from "#agent/ledger.ts";
import { readToken, type AgentSettings } from "#agent/settings.ts";
import { openState } from "#agent/state.ts";
import { supervisor } from "#agent/supervisor.ts";
import { openTraffic } from "#agent/traffic/open.ts";
import { keyOf, routeTraffic, type Place, type World } from "#agent/world.ts";
import { monotonicMs, systemClock } from "#runtime/clock.ts";

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
  const traffic = await openTraffic(settings, store, log);
  const { drivers } = traffic;
  const processes = supervisor({
    settings,
    store,
    log,
    neighbours: (environment, { service }) => addressesOf(drivers, environment, service.calls),
    changed: (record) => void routeOrLog({ store, drivers }, record, log),
  });
  for (const key of drivers.keys()) {
    const [environment = "", service = ""] = key.split("/");
    await routeOrLog({ store, drivers }, { environment, service }, log);
  }
  await processes.adopt();
  const world: World = {
    settings,
    store,
    ledger,
    supervisor: processes,
    drivers,
    lanes: lanes(),
    commands,
    startedAtMs: monotonicMs(),
  };
  const ready = agentApi(world, token, log);
  api = (call) => ready.fetch(call);
  return {
    url: `http://127.0.0.1:${settings.port}`,
    stop: async () => {
      await close();
      if (settings.onStop === "stop") await processes.rest();
      processes.leave();
      await store.save();
      await traffic.close();
      await ledger.close();
    },
  };
}

/** The variables by which a program is told where its neighbours are: at their proxies. */
function addressesOf(drivers: World["drivers"], environment: string, callees: readonly string[]) {
  const addresses = callees.map((callee) => {
    const name = `${callee.toUpperCase().replaceAll("-", "_")}_URL`;
    return [name, drivers.get(keyOf({ environment, service: callee }))?.url ?? ""] as const;
  });
  return Object.fromEntries(addresses);
}

/** Nobody waits for an answer here: whoever looks at the place later is told what the proxy shows. */
async function routeOrLog(
  world: Pick<World, "store" | "drivers">,
  { environment, service }: Place,
  log: (message: string) => void,
): Promise<void> {
  const routed = await routeTraffic(world, { environment, service });
  if (!routed.ok) log(`${service} in ${environment}: ${routed.error.message}`);
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

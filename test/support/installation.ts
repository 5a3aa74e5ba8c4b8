import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import { agentDeployer } from "#connectors/agent/connector.ts";
import type { Deployer } from "#connectors/port.ts";
import {
  agentInventory,
  agentLedger,
  agentTraffic,
  type AgentInventory,
  type AgentTraffic,
  type LedgerEntry,
} from "#contract/agent.ts";
import { client, type Client } from "#contract/client.ts";
import { newTokenFor } from "#main/issue-token.ts";
import { startEmbedded } from "#runtime/postgres/embedded.ts";
import { createPool } from "#store/sql.ts";
import { compiled } from "#test/support/compiled.ts";
import { copyFleet, endLeftovers, type CopiedFleet } from "#test/support/fleet-copy.ts";
import { freePorts } from "#test/support/free-ports.ts";

const root = resolve(import.meta.dirname, "../..");
const tidegateProgram = [
  process.execPath,
  "--disable-warning=ExperimentalWarning",
  join(root, "src/main/tidegate.ts"),
] as const;

export const environment = "prod-emea";
/** A Tuesday, 10:00 in Berlin: inside the working hours of production and in no freeze of the example. */
export const openInstant = "2027-03-02T09:00:00Z";

/** The processes of an installation that a test may kill. */
export type ProcessName = "api" | "worker" | "agent" | "postgres";
type OwnProcess = Exclude<ProcessName, "postgres">;

export interface InstallationOptions {
  /** Share of live traffic by stage with how long and how many requests; the strategy of every service. */
  readonly stages?: readonly StageWish[];
  /** Orders of the load generator in a second; 0 starts no load generator. */
  readonly ordersPerSecond?: number;
  /** What runs in production at the beginning, as 1.0.0; the whole shop when left out. */
  readonly services?: readonly string[];
  /** Further documents of the configuration, YAML with `---` between them. */
  readonly documents?: string;
  /** Domain clock at the beginning. */
  readonly now?: string;
  /** `host:port` to which the processes may send although it is private. */
  readonly callbackAllow?: string;
  /** Further settings of the agent, once the folder of the installation is known. */
  readonly agent?: (folder: string) => object;
  /** Processes that are not started, for measurements. */
  readonly without?: readonly "worker"[];
}

export interface StageWish {
  readonly percent: number;
  readonly minSeconds: number;
  readonly minRequests: number;
}

export interface CommandOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A whole Tidegate with a shop under traffic: each part a process of its own, all ended when it is disposed. */
export interface Installation {
  readonly folder: string;
  readonly url: string;
  readonly connectionString: string;
  /** For looking into the store; the product does not use it. */
  readonly pool: Pool;
  readonly as: (account: Account) => Client;
  readonly tokenOf: (account: Account) => string;
  /** Runs the command line to its end. */
  readonly tidegate: (account: Account | null, ...args: readonly string[]) => Promise<CommandOutcome>;
  readonly pidOf: (name: ProcessName) => number;
  /** Sends the signal; returns when the process is gone. */
  readonly kill: (name: ProcessName, signal?: NodeJS.Signals) => Promise<void>;
  /** Starts a process that has ended; returns when it is ready. PostgreSQL is restarted by the product alone. */
  readonly restart: (name: OwnProcess) => Promise<void>;
  readonly isRunning: (name: OwnProcess) => boolean;
  readonly setClock: (to: string) => Promise<void>;
  readonly apply: (documents: string) => Promise<void>;
  readonly ledger: () => Promise<readonly LedgerEntry[]>;
  readonly inventory: () => Promise<AgentInventory>;
  /** Shares of the versions of a service in production as the proxy has them; versions without any are left out. */
  readonly shares: (service: string) => Promise<Readonly<Record<string, number>>>;
  /** What the proxy in front of a service counted from an epoch second on. */
  readonly traffic: (service: string, since: number) => Promise<AgentTraffic["seconds"]>;
  readonly digestOf: (service: string, version: string) => string;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

const accounts = ["chen", "emil", "hana", "ben", "fatima", "kemal", "lena", "max", "ines"] as const;
export type Account = (typeof accounts)[number];

const quickStages: readonly StageWish[] = [
  { percent: 5, minSeconds: 2, minRequests: 2 },
  { percent: 25, minSeconds: 2, minRequests: 10 },
  { percent: 50, minSeconds: 2, minRequests: 10 },
  { percent: 100, minSeconds: 2, minRequests: 10 },
];

const shop = [
  "redis-cart",
  "cart",
  "productcatalog",
  "currency",
  "payment",
  "shipping",
  "email",
  "recommendation",
  "ad",
  "checkout",
  "frontend",
] as const;

interface Place {
  readonly folder: string;
  readonly stateDir: string;
  readonly apiPort: number;
  readonly agentPort: number;
  readonly token: string;
  readonly fleet: CopiedFleet;
}

export async function startInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const place = await makePlace(options);
  const parts = new Parts(place, options.callbackAllow ?? "");
  try {
    await Promise.all([parts.start("agent"), parts.start("api")]);
    // The database exists now; the second role adopts its server.
    if (options.without?.includes("worker") !== true) await parts.start("worker");
    await startShop(place, options);
    return await openInstallation(place, parts, options);
  } catch (error) {
    const said = parts.lastWords();
    await parts.end();
    await removePlace(place);
    throw new Error(`The installation did not start: ${String(error)}\n${said}`, { cause: error });
  }
}

async function makePlace(options: InstallationOptions): Promise<Place> {
  // As root PostgreSQL runs as another user, which has to pass through the folder.
  const folder = mkdtempSync(join(tmpdir(), "tg-"));
  chmodSync(folder, 0o711);
  const first = await freePorts(portsNeeded);
  const agentFolder = join(folder, "agent");
  mkdirSync(agentFolder, { mode: 0o700 });
  mkdirSync(join(folder, "logs"));
  const token = randomBytes(24).toString("hex");
  writeFileSync(join(agentFolder, "token"), token, { mode: 0o600 });
  const fleet = copyFleet(join(folder, "fleet"), { ORDERS_PER_SECOND: String(options.ordersPerSecond ?? 8) });
  const settings = {
    port: first + 1,
    tokenFile: "token",
    stateFolder: agentFolder,
    fleetFile: fleet.file,
    environments: [environment],
    proxyPorts: { from: first + 2, to: first + 29 },
    servicePorts: { from: first + 30, to: first + portsNeeded - 1 },
    onStop: "stop",
    readyWithinMs: 30_000,
    ...options.agent?.(folder),
  };
  writeFileSync(join(agentFolder, "agent.json"), JSON.stringify(settings));
  return { folder, stateDir: join(folder, "state"), apiPort: first, agentPort: first + 1, token, fleet };
}

const portsNeeded = 80;

async function removePlace(place: Place): Promise<void> {
  if (process.env["TIDEGATE_TEST_KEEP"] === "1") process.stderr.write(`kept: ${place.folder}\n`);
  else rmSync(place.folder, { recursive: true, force: true, maxRetries: 5 });
}

const startWithinMs = 90_000;
const stopWithinMs = 20_000;

/** The operating-system processes of one installation: started, watched by pid, ended. */
class Parts {
  readonly #place: Place;
  readonly #callbackAllow: string;
  readonly #running = new Map<OwnProcess, ChildProcess>();
  readonly #onExit = (): void => {
    for (const child of this.#running.values()) child.kill("SIGKILL");
    endLeftovers(join(this.#place.folder, "agent", "state.json"));
    const postgres = postmasterOf(this.#place);
    if (postgres !== null && isThere(postgres)) process.kill(postgres, "SIGINT");
  };

  constructor(place: Place, callbackAllow: string) {
    this.#place = place;
    this.#callbackAllow = callbackAllow;
    // The runner may end this process at a time-out: nothing of ours stays behind then.
    process.once("exit", this.#onExit);
    process.once("SIGTERM", endNow);
  }

  async start(name: OwnProcess): Promise<void> {
    if (this.isRunning(name)) throw new Error(`${name} runs already`);
    const log = join(this.#place.folder, "logs", `${name}.log`);
    const file = openSync(log, "a");
    const before = readFileSync(log, "utf8").length;
    const [node, ...flags] = tidegateProgram;
    const child = spawn(node, [...flags, ...this.#arguments(name)], {
      cwd: root,
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: this.#place.folder,
        ...compiled(),
        TIDEGATE_LOG: "info",
        TIDEGATE_CALLBACK_ALLOW: this.#callbackAllow,
      },
      stdio: ["ignore", file, file],
    });
    closeSync(file);
    this.#running.set(name, child);
    const isReady = async (): Promise<boolean> =>
      !this.isRunning(name) || readySign[name].test(readFileSync(log, "utf8").slice(before));
    await until(`${name} is ready`, isReady, startWithinMs);
    if (!this.isRunning(name)) throw new Error(`${name} ended: ${tailOf(log)}`);
  }

  #arguments(name: OwnProcess): readonly string[] {
    const { folder, stateDir, apiPort, agentPort } = this.#place;
    if (name === "agent") return ["agent", "--config", join(folder, "agent", "agent.json")];
    const agent = ["--agent", `http://127.0.0.1:${agentPort}`, "--agent-token-file", join(folder, "agent", "token")];
    return ["up", "--role", name, "--port", String(apiPort), "--state-dir", stateDir, "--settable-clock", ...agent];
  }

  isRunning(name: OwnProcess): boolean {
    const child = this.#running.get(name);
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  pidOf(name: ProcessName): number {
    const pid = name === "postgres" ? postmasterOf(this.#place) : this.#running.get(name)?.pid;
    if (pid === undefined || pid === null) throw new Error(`${name} does not run`);
    return pid;
  }

  async signal(name: ProcessName, signal: NodeJS.Signals): Promise<void> {
    const pid = this.pidOf(name);
    const child = name === "postgres" || !this.isRunning(name) ? undefined : this.#running.get(name);
    const gone = child === undefined ? null : once(child, "exit");
    process.kill(pid, signal);
    await (gone ?? until(`${name} ${pid} is gone`, async () => !isThere(pid), stopWithinMs));
  }

  lastWords(): string {
    const folder = join(this.#place.folder, "logs");
    return readdirSync(folder)
      .map((name) => `── ${name}\n${tailOf(join(folder, name))}`)
      .join("\n");
  }

  /** Ends everything by its pid: first the control plane, then agent and shop, then the database. */
  async end(): Promise<void> {
    for (const name of ["worker", "api", "agent"] as const) {
      const child = this.#running.get(name);
      if (child === undefined || !this.isRunning(name)) continue;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      const late = delay(stopWithinMs, "late", { ref: false });
      if ((await Promise.race([gone, late])) === "late") {
        child.kill("SIGKILL");
        await gone;
      }
    }
    endLeftovers(join(this.#place.folder, "agent", "state.json"));
    const database = await startEmbedded({ stateDir: this.#place.stateDir });
    if (database.ok) await database.value.stop();
    process.off("exit", this.#onExit);
    process.off("SIGTERM", endNow);
  }
}

/** Exit code of a program that was told to end. */
const terminated = 143;

function endNow(): void {
  process.exit(terminated);
}

const readySign = { api: /listens on/, worker: /The worker runs/, agent: /listens on/ } as const;

function postmasterOf({ stateDir }: Place): number | null {
  try {
    const pid = Number(readFileSync(join(stateDir, "postgres/cluster/data/postmaster.pid"), "utf8").split("\n")[0]);
    return Number.isInteger(pid) && pid > 1 ? pid : null;
  } catch {
    return null;
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie is dead, whoever has yet to collect it.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

function tailOf(file: string): string {
  return readFileSync(file, "utf8").trim().split("\n").slice(-15).join("\n");
}

/** What the shop ran before Tidegate came, started at the agent directly and under no lock number. */
async function startShop(place: Place, options: InstallationOptions): Promise<void> {
  const deployer = deployerOf(place);
  const services = options.services ?? shop;
  await Promise.all(services.map((service) => startBaseline(place, deployer, service)));
  // Load comes last: it finds a whole shop.
  if (options.ordersPerSecond !== 0) await startBaseline(place, deployer, "loadgenerator");
}

async function startBaseline({ fleet }: Place, deployer: Deployer, service: string): Promise<void> {
  const version = "1.0.0";
  const target = { environment, service };
  const started = await deployer.startVersion(
    { ...target, version, digest: fleet.digestOf(service, version) },
    { key: `baseline-start-${service}`, fence: 0 },
  );
  if (!started.ok || started.value.state !== "ready") throw new Error(`${service}: ${JSON.stringify(started)}`);
  const shifted = await deployer.shift(
    { ...target, version, control: null, percent: 100 },
    { key: `baseline-weights-${service}`, fence: 0 },
  );
  if (!shifted.ok) throw new Error(`${service}: ${JSON.stringify(shifted)}`);
}

function deployerOf({ agentPort, token }: Place): Deployer {
  return agentDeployer({ url: `http://127.0.0.1:${agentPort}`, token });
}

async function openInstallation(place: Place, parts: Parts, options: InstallationOptions): Promise<Installation> {
  const adopted = await startEmbedded({ stateDir: place.stateDir });
  if (!adopted.ok) throw new Error(adopted.error.message);
  // The product alone supervises the server.
  adopted.value.release();
  const { connectionString } = adopted.value;
  const pool = createPool(connectionString, { max: 4, name: "tidegate test" });
  const url = `http://127.0.0.1:${place.apiPort}`;
  const tokens = new Map<string, string>();
  const issue = async (account: string): Promise<void> => {
    tokens.set(account, await newTokenFor(pool, { account, label: "test", hours: 24 }));
  };
  const tokenOf = (account: string): string => {
    const token = tokens.get(account);
    if (token === undefined) throw new Error(`no token for ${account}`);
    return token;
  };
  const as = (account: string): Client => client({ baseUrl: url, token: tokenOf(account) });
  await issue("bootstrap");
  // The clock comes first: everything that is recorded lies behind its opening.
  await setClock(as("bootstrap"), options.now ?? openInstant);
  await applyWith(as("bootstrap"), filesOf(options, ""));
  for (const account of accounts) await issue(account);
  const services = [...(options.services ?? shop), ...(options.ordersPerSecond === 0 ? [] : ["loadgenerator"])];
  await registerVersions(as("chen"), place.fleet);
  if (options.without?.includes("worker") !== true) await untilRecorded(as("chen"), services);
  return {
    folder: place.folder,
    url,
    connectionString,
    pool,
    as,
    tokenOf,
    tidegate: (account, ...args) => runTidegate(place, url, account === null ? null : tokenOf(account), args),
    pidOf: (name) => parts.pidOf(name),
    kill: (name, signal = "SIGKILL") => parts.signal(name, signal),
    restart: (name) => parts.start(name),
    isRunning: (name) => parts.isRunning(name),
    setClock: (to) => setClock(as("lena"), to),
    apply: (documents) => applyWith(as("lena"), filesOf(options, documents)),
    ...agentViews(place),
    digestOf: place.fleet.digestOf,
    [Symbol.asyncDispose]: async () => {
      await pool.end();
      await parts.end();
      await removePlace(place);
    },
  };
}

function agentViews(place: Place): Pick<Installation, "ledger" | "inventory" | "shares" | "traffic"> {
  const read = async (path: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${place.token}` };
    const answer = await fetch(`http://127.0.0.1:${place.agentPort}${path}`, {
      headers,
      signal: AbortSignal.timeout(20_000),
    });
    if (!answer.ok) throw new Error(`the agent answered ${answer.status} to ${path}`);
    return await answer.json();
  };
  const ledger = async (): Promise<readonly LedgerEntry[]> => {
    const all: LedgerEntry[] = [];
    for (;;) {
      const { entries } = agentLedger.parse(await read(`/v1/ledger?after=${all.at(-1)?.seq ?? 0}`));
      if (entries.length === 0) return all;
      all.push(...entries);
    }
  };
  const inventory = async (): Promise<AgentInventory> => agentInventory.parse(await read("/v1/inventory"));
  const shares = async (service: string): Promise<Readonly<Record<string, number>>> => {
    const seen = (await inventory()).services.find((each) => each.service === service);
    const withTraffic = seen?.versions.filter(({ percent }) => percent > 0) ?? [];
    return Object.fromEntries(withTraffic.map(({ version, percent }) => [version, percent]));
  };
  const traffic = async (service: string, since: number): Promise<AgentTraffic["seconds"]> =>
    agentTraffic.parse(await read(`/v1/environments/${environment}/services/${service}/traffic?since=${since}`))
      .seconds;
  return { ledger, inventory, shares, traffic };
}

async function setClock(administrator: Client, to: string): Promise<void> {
  const set = await administrator.setClock({ body: { now: to } });
  if (!set.ok) throw new Error(`${set.problem.title}: ${set.problem.detail}`);
}

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Criteria, watches and ways back of the example: a test says its own, so that nothing else takes a version back. */
const leftOut = "delivery.yaml";

/** The example as it is, but with our stages and what the test adds. */
function filesOf({ stages = quickStages, documents = "" }: InstallationOptions, more: string): readonly SourceFile[] {
  const folder = join(root, "examples/boutique");
  const names = readdirSync(folder).filter((name) => name.endsWith(".yaml") && name !== leftOut);
  const example = names.map((name) => ({ path: `boutique/${name}`, text: readFileSync(join(folder, name), "utf8") }));
  const lines = stages.map(
    ({ percent, minSeconds, minRequests }) =>
      `    - { percent: ${percent}, minSeconds: ${minSeconds}, maxSeconds: 120, minRequests: ${minRequests} }`,
  );
  const strategy = `apiVersion: tidegate.dev/v1
kind: Strategy
metadata: { name: test-stages }
spec:
  scope: {}
  priority: 100
  stages:
${lines.join("\n")}
`;
  const added = [strategy, documents, more].filter((text) => text !== "").join("---\n");
  return [...example, { path: "test.yaml", text: added }];
}

async function applyWith(administrator: Client, files: readonly SourceFile[]): Promise<void> {
  const applied = await administrator.applyConfiguration({ body: { files: [...files] } });
  if (!applied.ok) throw new Error(`${applied.problem.detail} ${JSON.stringify(applied.problem.problems ?? [])}`);
}

async function registerVersions(builder: Client, fleet: CopiedFleet): Promise<void> {
  for (const { service, version } of fleet.versions()) {
    const body = { service, version, digest: fleet.digestOf(service, version) };
    const registered = await builder.registerArtifact({ body });
    if (!registered.ok) throw new Error(`${service}@${version}: ${registered.problem.detail}`);
  }
}

/** Waits until the worker has seen every service of the shop at its target. */
async function untilRecorded(reader: Client, services: readonly string[]): Promise<void> {
  await until(
    "all services are in the inventory",
    async () => {
      const matrix = await reader.getMatrix({});
      if (!matrix.ok) return false;
      const live = matrix.body.cells.filter((cell) => cell.environment === environment && cell.version !== null);
      return services.every((service) => live.some((cell) => cell.service === service));
    },
    60_000,
  );
}

const commandWithinMs = 180_000;

async function runTidegate(
  place: Place,
  url: string,
  token: string | null,
  args: readonly string[],
): Promise<CommandOutcome> {
  const [node, ...flags] = tidegateProgram;
  const child = spawn(node, [...flags, ...args], {
    cwd: place.folder,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: place.folder,
      ...compiled(),
      TIDEGATE_SERVER: url,
      ...(token === null ? {} : { TIDEGATE_TOKEN: token }),
    },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: commandWithinMs,
  });
  const [stdout, stderr, [code]] = await Promise.all([
    child.stdout.setEncoding("utf8").toArray(),
    child.stderr.setEncoding("utf8").toArray(),
    once(child, "exit"),
  ]);
  return { code: typeof code === "number" ? code : null, stdout: stdout.join(""), stderr: stderr.join("") };
}

/** Looks until it is so. An error of a look is a no: what is being restarted may refuse. */
export async function until(what: string, isSo: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  let last = "";
  for (;;) {
    try {
      if (await isSo()) return;
      last = "";
    } catch (error) {
      last = ` (${error instanceof Error ? error.message : "not an error"})`;
    }
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}${last}`);
    await delay(25);
  }
}

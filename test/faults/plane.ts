import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pool } from "pg";
import { client, type Client } from "#contract/client.ts";
import { newTokenFor } from "#main/issue-token.ts";
import { startEmbedded, type EmbeddedServer } from "#runtime/postgres/embedded.ts";
import { createPool } from "#store/sql.ts";
import { answerOf } from "#test/support/deployments.ts";
import { until } from "#test/support/installation.ts";
import { freePorts } from "#test/support/free-ports.ts";
import { configuration, environments, programs, services, type Account, accounts } from "./configuration.ts";
import { openLoad, type Load } from "./load.ts";
import { openProcesses, type Processes, type ProcessWish } from "./processes.ts";
import { faultProxy, type FaultProxy } from "./proxy.ts";
import { openReceiver, type Receiver } from "./receiver.ts";
import { openTargets, type Targets } from "./target.ts";

/*
 * One control plane for many faults: PostgreSQL of its own, an interface and two workers as processes of `tidegate up`, each
 * with a way of its own to the database and to the targets, so that every way can be broken alone.
 */

/** Processes that may exist; each has a proxy to the database and a door to the targets. */
export const seats = ["api", "worker-1", "worker-2", "worker-3", "worker-4"] as const;
export type Seat = (typeof seats)[number];

export interface Plane {
  readonly seed: number;
  readonly url: string;
  readonly folder: string;
  /** Where PostgreSQL keeps everything; of limited size where `limitedMb` says so. */
  readonly stateDir: string;
  /** null: the folder has no limit of its own, so it cannot be filled. */
  readonly limitedMb: number | null;
  readonly server: EmbeddedServer;
  /** Straight to the database: for looking, and for what an operator does there. */
  readonly pool: Pool;
  readonly proxyOf: (seat: Seat) => FaultProxy;
  readonly processes: Processes;
  readonly wishOf: (seat: Seat, env?: Readonly<Record<string, string>>) => ProcessWish;
  readonly targets: Targets;
  readonly receiver: Receiver;
  readonly as: (account: Account) => Client;
  readonly tokenOf: (account: Account) => string;
  readonly load: Load;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

const limitMb = 768;

interface Built {
  readonly folder: string;
  readonly stateDir: string;
  readonly isMounted: boolean;
}

/** A small file system in memory, where this user may make one: it can be filled without harm to the machine. */
function build(): Built {
  const folder = mkdtempSync(join(tmpdir(), "tgf-"));
  // As root PostgreSQL runs as another user, which has to pass.
  chmodSync(folder, 0o711);
  const stateDir = join(folder, "state");
  mkdirSync(stateDir, { mode: 0o711 });
  writeFileSync(join(folder, "agent-token"), "a-token-that-fake-targets-do-not-read", { mode: 0o600 });
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${limitMb}m,mode=0711`, "tmpfs", stateDir]);
  return { folder, stateDir, isMounted: mounted.status === 0 };
}

function unbuild({ folder, stateDir, isMounted }: Built): void {
  if (process.env["TIDEGATE_TEST_KEEP"] === "1") {
    process.stderr.write(`kept: ${folder}\n`);
    return;
  }
  if (isMounted) spawnSync("umount", ["-l", stateDir]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Segments of the log stay few, so that the small file system is filled by who wants to and by nobody else. */
const settings = {
  max_connections: "120",
  max_wal_size: "128MB",
  min_wal_size: "64MB",
  // A frozen client is noticed by the server in this time and not after hours.
  tcp_keepalives_idle: "10",
  wal_keep_size: "128MB",
};

/** Exit code of a program that was told to end. */
const terminated = 143;

function endNow(): void {
  process.exit(terminated);
}

export interface PlaneOptions {
  /** A socket folder under which another server may appear; connection strings name it as the second one. */
  readonly standbySocket?: (folder: string) => string;
}

export async function openPlane(seed: number, options: PlaneOptions = {}): Promise<Plane> {
  const built = build();
  const started = await startEmbedded({ stateDir: built.stateDir, settings });
  if (!started.ok) throw new Error(started.error.message);
  const server = started.value;
  // The runner may end this process at a time-out: nothing of ours stays behind then.
  const onExit = (): void => {
    try {
      process.kill(server.pid, "SIGINT");
    } catch {
      // It was gone already.
    }
    unbuild(built);
  };
  process.once("exit", onExit);
  process.once("SIGTERM", endNow);
  const closing: (() => Promise<void>)[] = [
    async () => {
      process.off("exit", onExit);
      process.off("SIGTERM", endNow);
      unbuild(built);
    },
    () => server.stop(),
  ];
  const close = async (): Promise<void> => {
    for (const end of closing.toReversed()) await end();
  };
  try {
    return await assemble({ seed, built, server, options, closing, close });
  } catch (error) {
    await close();
    throw error;
  }
}

interface Parts {
  readonly seed: number;
  readonly built: Built;
  readonly server: EmbeddedServer;
  readonly options: PlaneOptions;
  readonly closing: (() => Promise<void>)[];
  readonly close: () => Promise<void>;
}

interface Ways {
  readonly proxies: ReadonlyMap<Seat, FaultProxy>;
  readonly urlOf: (seat: Seat) => string;
}

const socketName = ".s.PGSQL.5432";

/** A way to the database for every seat; with a standby each connection string names both servers. */
async function openWays({ seed, built, server, options, closing }: Parts): Promise<Ways> {
  const direct = new URL(server.connectionString);
  const proxies = new Map<Seat, FaultProxy>();
  const open = async (folder: string, index: number): Promise<FaultProxy> => {
    const proxy = await faultProxy({ path: join(folder, socketName) }, seed + index);
    closing.push(() => proxy[Symbol.asyncDispose]());
    return proxy;
  };
  for (const [index, seat] of seats.entries())
    proxies.set(seat, await open(direct.searchParams.get("host") ?? "", index));
  const standby = options.standbySocket === undefined ? null : await open(options.standbySocket(built.folder), 99);
  const urlOf = (seat: Seat): string => {
    const { port } = proxyOf(proxies, seat);
    const url = urlThrough(direct, port);
    if (standby === null) return url;
    const both = url.replace(`127.0.0.1:${port}`, `127.0.0.1:${port},127.0.0.1:${standby.port}`);
    return `${both}?target_session_attrs=read-write`;
  };
  return { proxies, urlOf };
}

async function assemble(parts: Parts): Promise<Plane> {
  const { seed, built, server, options, closing, close } = parts;
  const { proxies, urlOf } = await openWays(parts);
  const live = environments.flatMap((environment) =>
    services.map((service) => ({ environment, service, version: "1.0.0" })),
  );
  const targets = await openTargets(programs, live, seats);
  closing.push(() => targets[Symbol.asyncDispose]());
  const receiver = await openReceiver();
  closing.push(() => receiver[Symbol.asyncDispose]());
  const port = await freePorts(1);
  const processes = openProcesses(built.folder, {
    TIDEGATE_PORT: String(port),
    TIDEGATE_CALLBACK_ALLOW: receiver.place,
  });
  closing.push(() => processes.endAll());
  const wishOf = (seat: Seat, env: Readonly<Record<string, string>> = {}): ProcessWish => ({
    role: seat === "api" ? "api" : "worker",
    databaseUrl: urlOf(seat),
    agentPort: targets.doors.get(seat) ?? 0,
    env,
  });
  // The first brings the schema forward; the others would wait for it anyway.
  await processes.start("api", wishOf("api"));
  await Promise.all((["worker-1", "worker-2"] as const).map((seat) => processes.start(seat, wishOf(seat), false)));
  // Straight, but for a failover: that it has to follow.
  const ownUrl = options.standbySocket === undefined ? server.connectionString : urlOf("worker-4");
  const pool = createPool(ownUrl, { max: 6, name: "tidegate faults" });
  closing.push(() => pool.end());
  const tokens = new Map<string, string>();
  const as = (account: Account): Client =>
    client({ baseUrl: `http://127.0.0.1:${port}`, token: tokens.get(account) ?? "" });
  await configure(pool, tokens, as, receiver);
  return {
    seed,
    url: `http://127.0.0.1:${port}`,
    folder: built.folder,
    stateDir: built.stateDir,
    limitedMb: built.isMounted ? limitMb : null,
    server,
    pool,
    proxyOf: (seat) => proxyOf(proxies, seat),
    processes,
    wishOf,
    targets,
    receiver,
    as,
    tokenOf: (account) => tokens.get(account) ?? "",
    load: openLoad({ pool, as, targets }),
    [Symbol.asyncDispose]: close,
  };
}

function proxyOf(proxies: ReadonlyMap<Seat, FaultProxy>, seat: Seat): FaultProxy {
  const proxy = proxies.get(seat);
  if (proxy === undefined) throw new Error(`no way to the database for ${seat}`);
  return proxy;
}

/** The same database by TCP. */
export function urlThrough(direct: URL, port: number): string {
  const url = new URL(direct);
  url.searchParams.delete("host");
  url.hostname = "127.0.0.1";
  url.port = String(port);
  return url.href;
}

async function configure(
  pool: Pool,
  tokens: Map<string, string>,
  as: (account: Account) => Client,
  receiver: Receiver,
): Promise<void> {
  const issue = async (account: Account): Promise<void> => {
    tokens.set(account, await newTokenFor(pool, { account, label: "faults", hours: 24 }));
  };
  await issue("bootstrap");
  const files = [{ path: "faults.yaml", text: configuration(receiver.url) }];
  const applied = await as("bootstrap").applyConfiguration({ body: { files } });
  if (!applied.ok) throw new Error(`${applied.problem.detail} ${JSON.stringify(applied.problem.problems ?? [])}`);
  for (const account of accounts) if (account !== "bootstrap") await issue(account);
  for (const { service, version, digest } of programs)
    answerOf(await as("olga").registerArtifact({ body: { service, version, digest } }));
  answerOf(await as("olga").createCallback({ body: { name: "ops", url: `${receiver.url}/` } }));
  // Until a worker has looked at the targets, a release would be the first of its service.
  await until("the inventory is known", async () => {
    const { cells } = answerOf(await as("olga").getMatrix({}));
    return cells.filter(({ version }) => version !== null).length === environments.length * services.length;
  });
}

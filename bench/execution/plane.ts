import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pool } from "pg";
import { client, type Client } from "#contract/client.ts";
import { newTokenFor } from "#main/issue-token.ts";
import { startEmbedded } from "#runtime/postgres/embedded.ts";
import { createPool } from "#store/sql.ts";
import { answerOf } from "#test/support/deployments.ts";
import { freePorts } from "#test/support/free-ports.ts";
import { openProcesses, type Processes, type ProcessWish } from "#test/faults/processes.ts";
import { openTargets, type Targets } from "#test/faults/target.ts";

/*
 * A control plane under load: PostgreSQL with durable commits, an interface and two workers as processes, and targets in
 * this process that do what agents do and keep a ledger.
 */

export const services = ["cart", "mail"] as const;
export type Service = (typeof services)[number];
export const versions = ["1.0.0", "1.1.0"] as const;
export type Version = (typeof versions)[number];
export const workers = ["worker-1", "worker-2"] as const;

export interface Place {
  readonly environment: string;
  readonly service: Service;
}

export interface LoadPlane {
  /** Straight to the database. */
  readonly pool: Pool;
  readonly olga: Client;
  readonly processes: Processes;
  readonly targets: Targets;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export interface Environments {
  /** Where a release goes at once. */
  readonly quick: readonly string[];
  /** Where it is watched for so long that it stays under way. */
  readonly slow: readonly string[];
}

/** Longer than the benchmark lasts. */
const watchedSeconds = 1_800;

const named = (kind: string, name: string, spec: string): string =>
  `apiVersion: tidegate.dev/v1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`;

/** Nobody approves and no window closes: what takes time here is the product's own work. */
function configuration({ quick, slow }: Environments): string {
  const stages = `[{ percent: 50, minSeconds: ${watchedSeconds}, maxSeconds: ${2 * watchedSeconds}, minRequests: 0 }, { percent: 100, minSeconds: 0, maxSeconds: 3600, minRequests: 0 }]`;
  return [
    named("Unit", "shop", "{}"),
    named("Team", "crew", "{ unit: shop }"),
    named(
      "Person",
      "olga",
      "{ teams: [crew], roles: [operator, release-manager], accounts: [{ name: olga, kind: human }] }",
    ),
    named("Person", "adam", "{ teams: [crew], roles: [administrator], accounts: [{ name: adam, kind: human }] }"),
    ...services.map((service) => named("Service", service, "{ unit: shop, team: crew, tier: 3 }")),
    ...[...quick, ...slow].map((name) => named("Environment", name, "{ zone: UTC, windows: optional }")),
    named("ApprovalRoute", "nobody", "{ scope: {}, approvals: 0 }"),
    named(
      "Strategy",
      "at-once",
      "{ scope: {}, stages: [{ percent: 100, minSeconds: 0, maxSeconds: 3600, minRequests: 0 }] }",
    ),
    named("Strategy", "watched", `{ scope: { environments: ["s*"] }, priority: 10, stages: ${stages} }`),
  ].join("---\n");
}

const digestOf = (service: Service, version: Version): string =>
  `sha256:${`${services.indexOf(service)}${versions.indexOf(version)}`.padStart(64, "a")}`;

/** `more`: further documents of the organisation. */
export async function openLoadPlane(environments: Environments, more = ""): Promise<LoadPlane> {
  const folder = mkdtempSync(join(tmpdir(), "tgb-"));
  // As root PostgreSQL runs as another user, which has to pass.
  chmodSync(folder, 0o711);
  mkdirSync(join(folder, "state"), { mode: 0o711 });
  writeFileSync(join(folder, "agent-token"), "a-token-that-fake-targets-do-not-read", { mode: 0o600 });
  const started = await startEmbedded({ stateDir: join(folder, "state"), settings: { max_connections: "120" } });
  if (!started.ok) throw new Error(started.error.message);
  const server = started.value;
  const places = [...environments.quick, ...environments.slow].flatMap((environment) =>
    services.map((service) => ({ environment, service, version: versions[0] })),
  );
  const programs = services.flatMap((service) =>
    versions.map((version) => ({ service, version, digest: digestOf(service, version) })),
  );
  const targets = await openTargets(programs, places, workers);
  const port = await freePorts(1);
  const processes = openProcesses(folder, { TIDEGATE_PORT: String(port) });
  const wish = (role: ProcessWish["role"], door: string): ProcessWish => ({
    role,
    databaseUrl: server.connectionString,
    agentPort: targets.doors.get(door) ?? 0,
  });
  await processes.start("api", wish("api", workers[0]));
  const pool = createPool(server.connectionString, { max: 6, name: "tidegate bench" });
  const asWhom = async (account: string): Promise<Client> =>
    client({
      baseUrl: `http://127.0.0.1:${port}`,
      token: await newTokenFor(pool, { account, label: "bench", hours: 24 }),
    });
  const files = [{ path: "bench.yaml", text: `${configuration(environments)}${more}` }];
  const applied = await (await asWhom("bootstrap")).applyConfiguration({ body: { files } });
  if (!applied.ok) throw new Error(JSON.stringify(applied.problem));
  const olga = await asWhom("olga");
  for (const service of services) {
    for (const version of versions) {
      answerOf(await olga.registerArtifact({ body: { service, version, digest: digestOf(service, version) } }));
    }
  }
  // What a worker would find out by looking at one target after the other.
  await pool.query(
    `insert into deployed (environment, service, version, digest, valid_from)
     select environment, service, $3, case service when $4 then $5 else $6 end, now()
     from unnest($1::text[], $2::text[]) as place (environment, service)`,
    [
      places.map(({ environment }) => environment),
      places.map(({ service }) => service),
      versions[0],
      services[0],
      digestOf(services[0], versions[0]),
      digestOf(services[1], versions[0]),
    ],
  );
  await Promise.all(workers.map((worker) => processes.start(worker, wish("worker", worker))));
  return {
    pool,
    olga,
    processes,
    targets,
    [Symbol.asyncDispose]: async () => {
      await processes.endAll();
      await pool.end();
      await targets[Symbol.asyncDispose]();
      await server.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

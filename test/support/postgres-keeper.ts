import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { startEmbedded } from "#runtime/postgres/embedded.ts";
import { isAlive } from "#runtime/postgres/postmaster.ts";
import { keeperName, sharedStateDir, templatePrefix } from "./postgres.ts";

/** See postgres.ts: cleans up after killed tests and stops the shared server when nobody has used it for a while. */
const roundMs = 5_000;
const idleRounds = 24;
const keeperLock = 7_117_001;

const started = await startEmbedded({ stateDir: sharedStateDir });
if (!started.ok) process.exit(1);
started.value.release();
const client = new Client({ connectionString: started.value.connectionString, application_name: keeperName });
client.on("error", () => process.exit(0));
await client.connect();

const lock = await client.query("select pg_try_advisory_lock($1) as ours", [keeperLock]);
if (!isOurs(lock.rows[0])) process.exit(0);

let idle = 0;
while (idle < idleRounds) {
  await delay(roundMs);
  const users = await client.query(
    "select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1",
  );
  idle = users.rows.length === 0 ? idle + 1 : 0;
  await dropAbandoned(client);
}
// Whoever comes next fills them again: without this, every schema of the past would stay.
await dropAll(client, await namesLike(client, `^${templatePrefix}`));
await started.value.stop();

async function dropAbandoned(server: Client): Promise<void> {
  const names = await namesLike(server, "^t_[0-9]+_");
  const isAbandoned = (name: string): boolean => !isAlive(Number(name.split("_")[1]));
  await dropAll(server, names.filter(isAbandoned));
}

async function namesLike(server: Client, pattern: string): Promise<readonly string[]> {
  const found = await server.query<{ datname: string }>("select datname from pg_database where datname ~ $1", [
    pattern,
  ]);
  return found.rows.map(({ datname }) => datname);
}

async function dropAll(server: Client, names: readonly string[]): Promise<void> {
  for (const name of names) await server.query(`drop database if exists ${name} with (force)`);
}

function isOurs(row: unknown): boolean {
  return typeof row === "object" && row !== null && "ours" in row && row.ours === true;
}

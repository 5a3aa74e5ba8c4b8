import { readFileSync } from "node:fs";
import { Client, DatabaseError } from "pg";
import { z } from "zod";
import { lintLoaded, loadScripts, migrationJob, type LoadedScript, type MigrationJob } from "#agent/migration-files.ts";
import { toApply, toUndo, type AppliedScript } from "#core/migration/decide.ts";
import { readScript } from "#core/migration/tokens.ts";
import type { Result } from "#core/result.ts";

/*
 * Applies scripts to a database, or takes them back: a process of its own, run as a command of the agent
 * (`command-start.ts`). What is applied stands in a ledger in the database itself, written in the transaction of the
 * script, so a repetition after a crash finds what is done; a script that cannot run in a transaction is on record before
 * it begins, and nobody goes on behind one that did not end. Ends with 0, with 75 for what may pass, else with 1.
 */

const mayPass = 75;
/** The database ends what nobody waits for any more: a killed migration must not hold locks. */
const lookForClientMs = 1_000;

/** Lock not to be had, deadlock, serialisation, no connection, the server goes down or comes up, too many connections. */
const passing = /^(?:55P03|40P01|40001|08\w{3}|57P0[123]|53300)$/;

/** Why nothing more is done; said as it is. */
class Refused extends Error {}

const ledgerTable = `create table if not exists tidegate_migration (
  seq           bigint generated always as identity primary key,
  service       text not null,
  number        integer not null,
  name          text not null,
  checksum      text not null,
  undo_checksum text,
  key           text not null,
  fence         bigint not null,
  is_whole      boolean not null,
  applied_at    timestamptz not null default clock_timestamp(),
  undone_at     timestamptz,
  undone_key    text
);
create unique index if not exists tidegate_migration_in_force on tidegate_migration (service, number) where undone_at is null`;

const applied = z
  .object({
    number: z.int(),
    name: z.string(),
    checksum: z.string(),
    undo_checksum: z.string().nullable(),
    key: z.string(),
    is_whole: z.boolean(),
  })
  .transform(({ undo_checksum: undoChecksum, is_whole: isWhole, ...rest }): AppliedScript => ({
    ...rest,
    undoChecksum,
    isWhole,
  }));

async function migrate(client: Client, job: MigrationJob): Promise<void> {
  const scripts = valueOf(loadScripts(job));
  await client.query(`set client_connection_check_interval = ${lookForClientMs}`);
  await client.query(`set lock_timeout = ${job.lockWithinMs}`);
  // One migration of a service at a time, whoever runs it; the lock goes with the connection.
  await client.query("select pg_advisory_lock(hashtextextended($1, 0))", [`tidegate_migration ${job.service}`]);
  await client.query(ledgerTable);
  await refuseLate(client, job);
  const ledger = await readLedger(client, job);
  if (job.direction === "up") await applyAll(client, job, scripts, ledger);
  else await undoAll(client, job, scripts, ledger);
}

/** A number below one that has written here comes from a run that was overtaken. */
async function refuseLate(client: Client, { service, fence }: MigrationJob): Promise<void> {
  const found = await client.query("select max(fence)::text as highest from tidegate_migration where service = $1", [
    service,
  ]);
  const [{ highest }] = z.tuple([z.object({ highest: z.string().nullable() })]).parse(found.rows);
  if (highest !== null && fence < Number(highest)) {
    throw new Refused(`Fence ${fence} is behind ${highest} in the ledger: another run has taken over.`);
  }
}

async function readLedger(client: Client, { service }: MigrationJob): Promise<readonly AppliedScript[]> {
  const found = await client.query(
    `select number, name, checksum, undo_checksum, key, is_whole from tidegate_migration
     where service = $1 and undone_at is null order by number`,
    [service],
  );
  return z.array(applied).parse(found.rows);
}

async function applyAll(
  client: Client,
  job: MigrationJob,
  scripts: readonly LoadedScript[],
  ledger: readonly AppliedScript[],
): Promise<void> {
  const missing = valueOf(toApply(scripts, ledger));
  const findings = missing.flatMap(lintLoaded);
  if (findings.length > 0) {
    const lines = findings.map(
      ({ file, line, column, code, message, remedy }) => `${file}:${line}:${column} ${code} ${message} ${remedy}`,
    );
    throw new Refused(`Not safe while the version before runs:\n${lines.join("\n")}`);
  }
  for (const script of missing) {
    say(`${script.name} is being applied`);
    await (script.isTransactional ? applyWhole(client, job, script) : applyInParts(client, job, script));
  }
  const seen = await readLedger(client, job);
  const lacking = valueOf(toApply(scripts, seen));
  if (lacking.length > 0)
    throw new Error(`The ledger lacks ${lacking.map(({ name }) => name).join(", ")} after all were applied.`);
  say(
    `${missing.length} of ${scripts.length} scripts were applied; ${job.database} is at ${seen.at(-1)?.name ?? "its beginning"}`,
  );
}

/** Script and ledger in one transaction: both or neither. */
async function applyWhole(client: Client, job: MigrationJob, script: LoadedScript): Promise<void> {
  await inTransaction(client, async () => {
    await client.query(script.sql);
    await record(client, job, script, true);
  });
}

/** On record before it begins: whoever comes behind a crash sees that it is half done. */
async function applyInParts(client: Client, job: MigrationJob, script: LoadedScript): Promise<void> {
  await record(client, job, script, false);
  await runInParts(client, script.sql);
  await client.query(
    "update tidegate_migration set is_whole = true where service = $1 and number = $2 and undone_at is null",
    [job.service, script.number],
  );
}

async function runInParts(client: Client, sql: string): Promise<void> {
  for (const statement of readScript(sql).statements) {
    await client.query(sql.slice(statement[0]?.from, statement.at(-1)?.to));
  }
}

function record(
  client: Client,
  { service, key, fence }: MigrationJob,
  script: LoadedScript,
  isWhole: boolean,
): Promise<unknown> {
  const { number, name, checksum, undo } = script;
  const undoChecksum = "checksum" in undo ? undo.checksum : null;
  return client.query(
    `insert into tidegate_migration (service, number, name, checksum, undo_checksum, key, fence, is_whole)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [service, number, name, checksum, undoChecksum, key, fence, isWhole],
  );
}

async function undoAll(
  client: Client,
  job: MigrationJob,
  scripts: readonly LoadedScript[],
  ledger: readonly AppliedScript[],
): Promise<void> {
  const undone = valueOf(toUndo(scripts, ledger, job.appliedUnder ?? ""));
  for (const script of undone) {
    say(`${script.name} is being taken back`);
    const forget = (): Promise<unknown> =>
      client.query(
        `update tidegate_migration set undone_at = clock_timestamp(), undone_key = $3, is_whole = true, fence = greatest(fence, $4)
         where service = $1 and number = $2 and undone_at is null`,
        [job.service, script.number, job.key, job.fence],
      );
    if (script.isUndoTransactional) {
      await inTransaction(client, async () => {
        await client.query(script.undoSql ?? "");
        await forget();
      });
      continue;
    }
    await client.query(
      "update tidegate_migration set is_whole = false where service = $1 and number = $2 and undone_at is null",
      [job.service, script.number],
    );
    await runInParts(client, script.undoSql ?? "");
    await forget();
  }
  say(`${undone.length} scripts were taken back`);
}

async function inTransaction(client: Client, body: () => Promise<void>): Promise<void> {
  await client.query("begin");
  try {
    await body();
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

function valueOf<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Refused(result.error);
  return result.value;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof Refused) return 1;
  if (error instanceof DatabaseError) return passing.test(error.code ?? "") ? mayPass : 1;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(?:ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)/.test(code) ||
    String(error).includes("Connection terminated")
    ? mayPass
    : 1;
}

function sayError(error: unknown): string {
  if (!(error instanceof DatabaseError)) return error instanceof Error ? error.message : String(error);
  const { code, message, detail, hint, position } = error;
  return [`${code ?? ""} ${message}`, detail, hint, position === undefined ? undefined : `at character ${position}`]
    .filter((part) => part !== undefined)
    .join("; ");
}

const { DATABASE_URL: connectionString, MIGRATION_JOB: jobFile } = process.env;
if (connectionString === undefined || jobFile === undefined) process.exit(2);
const client = new Client({
  connectionString,
  application_name: "tidegate-migration",
  connectionTimeoutMillis: 10_000,
});
// What breaks between two statements is met by the next one.
client.on("error", () => undefined);
try {
  const job = migrationJob.parse(JSON.parse(readFileSync(jobFile, "utf8")));
  await client.connect();
  await migrate(client, job);
} catch (error) {
  say(sayError(error));
  process.exitCode = exitCodeOf(error);
} finally {
  await client.end().catch(() => undefined);
}

import { spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { z } from "zod";
import { replaceFile } from "#agent/files.ts";
import type { AgentSettings } from "#agent/settings.ts";
import { compareTables, readTables, type TableContent } from "#agent/table-contents.ts";
import { err, ok, type Result } from "#core/result.ts";
import { monotonicMs, systemClock } from "#runtime/clock.ts";
import { sha256Of } from "#runtime/digest.ts";

/*
 * Proves that a database can be restored: saves it with `pg_dump` under one snapshot, restores that into a scratch
 * database and compares every row with the snapshot. What takes time is measured by the clock that nobody sets.
 */

/** Longest time of one program; whoever needs more has another kind of backup. */
const programWithinMs = 24 * 3_600_000;
const saidCharacters = 300;
/** Written on a database that restore tests may empty, so that none is emptied by a slip in a name. */
const scratchMark = "tidegate scratch";

/** What came of it, and everything that says so: kept as a file, and reported with its digest. */
export interface RestoreProtocol {
  readonly database: string;
  /** ISO 8601: the snapshot that was saved; it is what was restored. */
  readonly savedAt: string;
  readonly endedAt: string;
  readonly outcome: "done" | "failed" | "different";
  /** Why it is not `done`, or what was compared. */
  readonly detail: string;
  readonly dumpSeconds: number | null;
  /** From an empty database to one that answers again. */
  readonly restoreSeconds: number | null;
  readonly bytes: number | null;
  readonly saved: readonly TableContent[];
  readonly restored: readonly TableContent[];
}

export interface RestoreTest {
  readonly protocol: RestoreProtocol;
  /** Of the file with the protocol, byte for byte. */
  readonly digest: string;
  readonly file: string;
}

/** Not begun: `error` says why, and nothing was touched. What went wrong later is an outcome. */
export async function restoreTest(settings: AgentSettings, database: string): Promise<Result<RestoreTest, string>> {
  const known = settings.databases.find(({ name }) => name === database);
  const how = known?.restoreTest;
  if (known === undefined || how === undefined) {
    return err(
      `The agent's configuration has no restoreTest for a database ${database}; add one, or correct the name.`,
    );
  }
  const from = readAddress(known.addressFile);
  const to = readAddress(how.scratchFile);
  if (!from.ok) return from;
  if (!to.ok) return to;
  await using source = await connected(from.value);
  await using scratch = await connected(to.value);
  const refused = await refusalOf(source.client, scratch.client);
  if (refused !== null) return err(refused);
  const parent = join(settings.stateFolder, "restore-tests");
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(parent, "dump-"));
  try {
    const addresses = { from: from.value, to: to.value };
    const protocol = await measure({
      ...how,
      database,
      addresses,
      folder,
      source: source.client,
      scratch: scratch.client,
    });
    return ok(await keep(parent, protocol));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Measuring {
  readonly database: string;
  readonly dump: string;
  readonly restore: string;
  readonly addresses: { readonly from: string; readonly to: string };
  readonly folder: string;
  readonly source: Client;
  readonly scratch: Client;
}

async function measure(measuring: Measuring): Promise<RestoreProtocol> {
  const { database, dump, restore, addresses, folder, source, scratch } = measuring;
  await emptied(scratch);
  await source.query("begin isolation level repeatable read, read only");
  const [{ snapshot }] = z
    .tuple([z.object({ snapshot: z.string() })])
    .parse((await source.query("select pg_export_snapshot() as snapshot")).rows);
  const savedAt = systemClock.now().toString();
  const begun = { database, savedAt, dumpSeconds: null, restoreSeconds: null, bytes: null, saved: [], restored: [] };
  const file = join(folder, "dump");
  const dumped = await run(dump, ["--format=custom", `--snapshot=${snapshot}`, `--file=${file}`], addresses.from);
  if (!dumped.ok) return ended({ ...begun, outcome: "failed", detail: `saving failed: ${dumped.error}` });
  const saved = await readTables(source);
  await source.query("commit");
  const { size: bytes } = await stat(file);
  const known = { ...begun, dumpSeconds: dumped.value, bytes, saved };
  const loaded = await run(restore, [...restoreArguments(addresses.to), file], addresses.to);
  if (!loaded.ok) return ended({ ...known, outcome: "failed", detail: `restoring failed: ${loaded.error}` });
  const restored = await readTables(scratch);
  const { same, detail } = compareTables(saved, restored);
  const outcome = same ? "done" : "different";
  return ended({ ...known, restoreSeconds: loaded.value, restored, outcome, detail });
}

function ended(protocol: Omit<RestoreProtocol, "endedAt">): RestoreProtocol {
  return { ...protocol, endedAt: systemClock.now().toString() };
}

async function keep(folder: string, protocol: RestoreProtocol): Promise<RestoreTest> {
  const text = `${JSON.stringify(protocol, null, 2)}\n`;
  const file = join(folder, `${protocol.database}-${protocol.endedAt.replaceAll(":", "")}.json`);
  await replaceFile(file, text);
  return { protocol, digest: sha256Of(text), file };
}

function readAddress(file: string): Result<string, string> {
  if ((statSync(file).mode & 0o077) !== 0) return err(`${file}: others can read the address; run chmod 600 on it.`);
  return ok(readFileSync(file, "utf8").trim());
}

interface Connected {
  readonly client: Client;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

async function connected(connectionString: string): Promise<Connected> {
  const client = new Client({
    connectionString,
    application_name: "tidegate-restore-test",
    connectionTimeoutMillis: 10_000,
  });
  // What breaks between two statements is met by the next one.
  client.on("error", () => undefined);
  await client.connect();
  return { client, [Symbol.asyncDispose]: () => client.end().catch(() => undefined) };
}

const identity = z.tuple([
  z.object({ server: z.string(), oid: z.string(), name: z.string(), mark: z.string().nullable(), tables: z.int() }),
]);
const whoAreYou = `select s.system_identifier::text as server, d.oid::text as oid, d.datname as name,
    shobj_description(d.oid, 'pg_database') as mark,
    (select count(*)::int from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema')
         and n.nspname not like 'pg\\_%') as tables
  from pg_control_system() s, pg_database d where d.datname = current_database()`;

/** The scratch database is emptied: it is another one than the source, and empty or marked by an earlier test. */
async function refusalOf(source: Client, scratch: Client): Promise<string | null> {
  const [from] = identity.parse((await source.query(whoAreYou)).rows);
  const [to] = identity.parse((await scratch.query(whoAreYou)).rows);
  if (from.server === to.server && from.oid === to.oid) {
    return `The scratch database is ${from.name} itself, and would be emptied. Name another one.`;
  }
  if (to.mark === scratchMark || to.tables === 0) return null;
  return `The scratch database ${to.name} has ${to.tables} tables that no restore test has made. Empty it, or name another one.`;
}

async function emptied(scratch: Client): Promise<void> {
  const [{ name }] = z
    .tuple([z.object({ name: z.string() })])
    .parse((await scratch.query("select current_database() as name")).rows);
  await scratch.query(`comment on database ${scratch.escapeIdentifier(name)} is '${scratchMark}'`);
  const found = await scratch.query(
    `select nspname as name from pg_namespace where nspname <> 'information_schema' and nspname not like 'pg\\_%'`,
  );
  for (const schema of z.array(z.object({ name: z.string() })).parse(found.rows)) {
    await scratch.query(`drop schema ${scratch.escapeIdentifier(schema.name)} cascade`);
  }
  await scratch.query("create schema public");
}

/** Seconds that it took, or what it said last. The address goes by the environment: arguments can be read by others. */
function run(program: string, args: readonly string[], address: string): Promise<Result<number, string>> {
  return new Promise((resolve) => {
    const startedAt = monotonicMs();
    const env = { PATH: "/usr/bin:/bin", LANG: "C.UTF-8", ...environmentOf(address) };
    const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe"], timeout: programWithinMs });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-saidCharacters)));
    child.once("error", (error) => resolve(err(error.message)));
    child.once("close", (code) => {
      const seconds = (monotonicMs() - startedAt) / 1000;
      resolve(code === 0 ? ok(seconds) : err(`${program} ended with ${code ?? "a signal"}: ${said.trim()}`));
    });
  });
}

/** `pg_restore` writes SQL to its output unless a database is named: by name alone, the rest is in the environment. */
function restoreArguments(address: string): readonly string[] {
  const { PGDATABASE } = environmentOf(address);
  return ["--no-owner", "--no-privileges", "--exit-on-error", `--dbname=${PGDATABASE ?? "postgres"}`];
}

function environmentOf(address: string): Readonly<Record<string, string>> {
  const url = new URL(address);
  const said: Readonly<Record<string, string | null>> = {
    PGHOST: url.searchParams.get("host") ?? url.hostname,
    PGPORT: url.port,
    PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: decodeURIComponent(url.pathname.slice(1)),
    PGSSLMODE: url.searchParams.get("sslmode"),
  };
  return Object.fromEntries(Object.entries(said).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

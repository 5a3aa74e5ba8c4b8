import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Client, DatabaseError } from "pg";
import { z } from "zod";

/*
 * Digests over the rows of named tables, all as of one instant: a process of its own, run as a command of the agent
 * (`command-start.ts`). Prints a line for each table and changes nothing. Ends with 0, with 75 for what may pass, else
 * with 1.
 */

const mayPass = 75;
/** No connection, the server goes down or comes up, too many connections. */
const passing = /^(?:08\w{3}|57P0[123]|53300)$/;

const digestJob = z.strictObject({ tables: z.array(z.string()) });
type DigestJob = z.infer<typeof digestJob>;

const found = z.tuple([z.object({ rows: z.string(), a: z.string(), b: z.string() })]);

/**
 * Sums of hashes of rows do not depend on the order of rows, and rows as jsonb not on the order of columns: what comes
 * and goes again leaves the digest as it was.
 */
async function digestOf(client: Client, table: string): Promise<{ readonly digest: string; readonly rows: string }> {
  const known = await client.query("select to_regclass($1)::text as name", [table]);
  const [{ name }] = z.tuple([z.object({ name: z.string().nullable() })]).parse(known.rows);
  if (name === null) throw new Error(`There is no table ${table}.`);
  const part = (from: number): string => `sum(('x' || substr(h.hash, ${from}, 15))::bit(60)::bigint)`;
  const result = await client.query(
    `select count(*)::text as rows, coalesce(${part(1)}, 0)::text as a, coalesce(${part(16)}, 0)::text as b
     from (select encode(sha256(convert_to(to_jsonb(t)::text, 'UTF8')), 'hex') as hash from ${name} t) h`,
  );
  const [{ rows, a, b }] = found.parse(result.rows);
  return { rows, digest: `sha256:${createHash("sha256").update(`${rows} ${a} ${b}`).digest("hex")}` };
}

async function digestAll(client: Client, { tables }: DigestJob): Promise<void> {
  await client.query("begin transaction isolation level repeatable read, read only");
  await client.query("set local timezone = 'UTC'");
  await client.query("set client_connection_check_interval = 1000");
  for (const table of tables) {
    const { digest, rows } = await digestOf(client, table);
    say(`data ${table} ${digest} ${rows}`);
  }
  await client.query("commit");
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof DatabaseError) return passing.test(error.code ?? "") ? mayPass : 1;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(?:ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)/.test(code) ? mayPass : 1;
}

const { DATABASE_URL: connectionString, DIGEST_JOB: jobFile } = process.env;
if (connectionString === undefined || jobFile === undefined) process.exit(2);
const client = new Client({
  connectionString,
  application_name: "tidegate-digest",
  connectionTimeoutMillis: 10_000,
});
// What breaks between two statements is met by the next one.
client.on("error", () => undefined);
try {
  const job = digestJob.parse(JSON.parse(readFileSync(jobFile, "utf8")));
  await client.connect();
  await digestAll(client, job);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = exitCodeOf(error);
} finally {
  await client.end().catch(() => undefined);
}

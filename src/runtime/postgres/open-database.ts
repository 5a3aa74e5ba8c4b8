import { Client, DatabaseError } from "pg";
import { err, ok, type Result } from "#core/result.ts";
import { socketPort, superuser } from "./cluster.ts";
import type { EmbeddedFailure } from "./platform.ts";

const databaseName = "tidegate";
const connectTimeoutMs = 5_000;

/** Proves that the server answers with our password, makes the database on the first start, and returns its address. */
export async function openDatabase(server: {
  readonly socketDir: string;
  readonly password: string;
}): Promise<Result<string, EmbeddedFailure>> {
  const address = (database: string) =>
    `postgresql://${superuser}:${server.password}@localhost:${socketPort}/${database}?host=${encodeURIComponent(server.socketDir)}`;
  try {
    if (!(await answers(address(databaseName)))) await createDatabase(address("postgres"));
    return ok(address(databaseName));
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const message = `The embedded PostgreSQL runs but does not answer in ${server.socketDir}: ${said}.`;
    return err({ code: "start-failed", message });
  }
}

/** False only if the database does not exist yet. */
async function answers(connectionString: string): Promise<boolean> {
  try {
    await withClient(connectionString, async (client) => {
      await client.query("select 1");
    });
    return true;
  } catch (error) {
    if (isCode(error, "3D000")) return false;
    throw error;
  }
}

async function createDatabase(connectionString: string): Promise<void> {
  try {
    await withClient(connectionString, async (client) => {
      await client.query(`create database ${databaseName}`);
    });
  } catch (error) {
    // A second starter was faster: 42P04 before its commit is seen, 23505 while it is being made.
    if (!isCode(error, "42P04") && !isCode(error, "23505")) throw error;
  }
}

async function withClient(connectionString: string, body: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString, connectionTimeoutMillis: connectTimeoutMs });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await body(client);
  } finally {
    await client.end();
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof DatabaseError && error.code === code;
}

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DatabaseError, Pool } from "pg";
import { startEmbedded } from "#runtime/postgres/embedded.ts";

/*
 * One embedded server per user and machine, shared by all test processes and adopted by whoever comes next. A keeper
 * process removes databases whose makers are gone and stops the server after two minutes without clients.
 * TEST_DATABASE_URL names an external server instead (a superuser, any database): used for the PostgreSQL 15 run.
 * A test that kills or stops its server must start one of its own with `startEmbedded` and a temporary directory.
 */

export interface TestDatabase {
  readonly connectionString: string;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export const sharedStateDir = join(tmpdir(), `tidegate-test-pg18-${process.getuid?.() ?? 0}`);
/** Before the name of a database that is copied and that nobody uses itself. */
export const templatePrefix = "template_";
export const keeperName = "tidegate-test-keeper";
/** The shared server may be shutting down just now; its successor is there within a second or two. */
const attempts = 50;
const attemptDelayMs = 200;

let shared: Promise<{ readonly url: string; readonly admin: Pool }> | null = null;

/** A new, empty database of the caller's own; it is dropped, with its connections, when it is disposed. */
export const freshDatabase = (): Promise<TestDatabase> => newDatabase("template0");

/**
 * A new database of the caller's own as `fill` leaves an empty one. The server fills one and copies it for everybody who
 * names the same `content`, so the name has to change with what `fill` does; letters, digits and underscores.
 */
export async function filledDatabase(
  content: string,
  fill: (connectionString: string) => Promise<void>,
): Promise<TestDatabase> {
  const template = `${templatePrefix}${content}`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await newDatabase(template);
    } catch (error) {
      if (!hasCode(error, "3D000") || attempt === attempts) throw error;
    }
    await makeTemplate(template, fill);
  }
}

/** Filled under another name, so that nobody copies what is half there; whoever is second drops its own. */
async function makeTemplate(template: string, fill: (connectionString: string) => Promise<void>): Promise<void> {
  await using draft = await freshDatabase();
  await fill(draft.connectionString);
  const { admin } = await (shared ??= openShared());
  await admin.query(`alter database ${nameIn(draft)} rename to ${template}`).catch((error: unknown) => {
    if (!hasCode(error, "42P04")) throw error;
  });
}

const nameIn = ({ connectionString }: TestDatabase): string => new URL(connectionString).pathname.slice(1);

function hasCode(error: unknown, code: string): boolean {
  return error instanceof DatabaseError && error.code === code;
}

async function newDatabase(template: string): Promise<TestDatabase> {
  const name = `t_${process.pid}_${randomBytes(6).toString("hex")}`;
  const { url, admin } = await createDatabase(name, template);
  const address = new URL(url);
  address.pathname = `/${name}`;
  return {
    connectionString: address.href,
    [Symbol.asyncDispose]: async () => {
      await admin.query(`drop database if exists ${name} with (force)`);
    },
  };
}

async function createDatabase(name: string, template: string): Promise<{ readonly url: string; readonly admin: Pool }> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      shared ??= openShared();
      const server = await shared;
      await server.admin.query(`create database ${name} template ${template}`);
      return server;
    } catch (error) {
      if (hasCode(error, "3D000")) throw error;
      shared = null;
      if (attempt === attempts) throw error;
      await delay(attemptDelayMs);
    }
  }
}

async function openShared(): Promise<{ readonly url: string; readonly admin: Pool }> {
  const external = process.env["TEST_DATABASE_URL"];
  const url = external ?? (await startShared());
  // One connection that stays open marks this process as a user of the server, yet does not keep it from exiting.
  const admin = new Pool({ connectionString: url, max: 1, allowExitOnIdle: true, idleTimeoutMillis: 0 });
  admin.on("error", () => undefined);
  if (external === undefined) await ensureKeeper(admin);
  return { url, admin };
}

async function startShared(): Promise<string> {
  const started = await startEmbedded({ stateDir: sharedStateDir, settings: { max_connections: "500" } });
  if (!started.ok) throw new Error(started.error.message);
  started.value.release();
  return started.value.connectionString;
}

async function ensureKeeper(admin: Pool): Promise<void> {
  const seen = await admin.query("select 1 from pg_stat_activity where application_name = $1", [keeperName]);
  if (seen.rows.length > 0) return;
  const script = fileURLToPath(new URL("postgres-keeper.ts", import.meta.url));
  spawn(process.execPath, [script], { detached: true, stdio: "ignore", cwd: "/" }).unref();
}

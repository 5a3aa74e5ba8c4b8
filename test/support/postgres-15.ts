import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { serverUser } from "#runtime/postgres/platform.ts";

/** Debian's PostgreSQL 15, the oldest server the product promises to run on. */
const bin = "/usr/lib/postgresql/15/bin";
/** Why a test of it is skipped; false: it is not. */
export const missingPostgres15 = existsSync(path.join(bin, "postgres"))
  ? false
  : "not run: PostgreSQL 15 is not installed";

export interface Server {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** A server of its own, on a socket in its own folder. */
export async function startPostgres15(): Promise<Server> {
  const user = serverUser();
  const identity = user === null ? {} : { uid: user.uid, gid: user.gid };
  const folder = mkdtempSync(path.join(tmpdir(), "tg15-"));
  chmodSync(folder, 0o777);
  const data = path.join(folder, "data");
  const initialised = spawnSync(
    path.join(bin, "initdb"),
    ["-D", data, "-U", "tidegate", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"],
    { ...identity, cwd: folder },
  );
  assert.equal(initialised.status, 0, initialised.stderr.toString());
  const args = [
    "-D",
    data,
    "-c",
    "listen_addresses=",
    "-c",
    `unix_socket_directories=${folder}`,
    "-c",
    "max_connections=400",
  ];
  const server = spawn(path.join(bin, "postgres"), args, {
    ...identity,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  await new Promise<void>((resolve, reject) => {
    server.once("exit", (code) => reject(new Error(`PostgreSQL 15 ended with ${code ?? "a signal"}`)));
    server.stderr.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes("ready to accept connections")) resolve();
    });
  });
  return {
    url: `postgresql://tidegate@localhost:5432/postgres?host=${encodeURIComponent(folder)}`,
    stop: async () => {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGINT");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

import { spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { z } from "zod";
import { startEmbedded, type EmbeddedServer } from "#runtime/postgres/embedded.ts";
import { query, sql } from "#store/sql.ts";
import { until } from "#test/support/installation.ts";

/** Where the socket of the standby will be, before there is one. */
export const standbySocket = (folder: string): string => join(folder, "standby", "postgres", "run");

/**
 * A streaming standby of a running server, made with the backup interface of SQL alone: a copy between start and stop of a
 * backup, its label, and the address of the primary. From then on the primary waits for it at every COMMIT.
 */
export async function startStandby(folder: string, stateDir: string, primary: EmbeddedServer): Promise<EmbeddedServer> {
  const client = new Client({ connectionString: primary.connectionString });
  await client.connect();
  const home = join(folder, "standby");
  const place = join(home, "postgres");
  mkdirSync(home, { mode: 0o711 });
  chmodSync(home, 0o711);
  try {
    await client.query("select pg_backup_start('standby', true)");
    const copied = spawnSync("cp", ["-a", join(stateDir, "postgres"), place]);
    if (copied.status !== 0) throw new Error(`the copy failed: ${copied.stderr.toString()}`);
    const row = z.object({ label: z.string() });
    const [stopped] = await query(client, sql`select labelfile as label from pg_backup_stop(false)`, row);
    turnIntoStandby(place, primary, stopped?.label ?? "");
    const started = await startEmbedded({ stateDir: home });
    if (!started.ok) throw new Error(started.error.message);
    await client.query("alter system set synchronous_standby_names = 'ANY 1 (standby)'");
    await client.query("select pg_reload_conf()");
    const state = z.object({ state: z.string(), sync: z.string() });
    await until("the standby follows, and the primary waits for it", async () => {
      const seen = await query(client, sql`select state, sync_state as sync from pg_stat_replication`, state);
      return seen.some((each) => each.state === "streaming" && each.sync === "quorum");
    });
    return started.value;
  } finally {
    await client.end();
  }
}

function turnIntoStandby(place: string, primary: EmbeddedServer, label: string): void {
  const data = join(place, "cluster", "data");
  const { searchParams, password, username } = new URL(primary.connectionString);
  for (const name of ["postmaster.pid", "postmaster.opts"]) rmSync(join(data, name), { force: true });
  rmSync(join(place, "run"), { recursive: true, force: true });
  const address = `host=${searchParams.get("host")} port=5432 user=${username} password=${password} application_name=standby`;
  writeFileSync(join(data, "backup_label"), label);
  writeFileSync(join(data, "standby.signal"), "");
  appendFileSync(join(data, "postgresql.auto.conf"), `primary_conninfo = '${address}'\n`);
  // As root the server runs as another user, who has to own what was written.
  for (const name of ["backup_label", "standby.signal"])
    spawnSync("chown", ["--reference", join(data, "PG_VERSION"), join(data, name)]);
}

import { allMigrations } from "@dbos-inc/dbos-sdk/internal/sysdb_migrations/internal/migrations";
import { runSysMigrationsPg } from "@dbos-inc/dbos-sdk/internal/sysdb_migrations/migration_runner";
import type { ClientBase } from "pg";
import { migrateDataSource } from "./data-source.ts";

/** Brings the engine's own schema `dbos` forward; run by `migrate` under its lock. Workers only check it. */
export async function migrateEngine(client: ClientBase): Promise<void> {
  const migrations = allMigrations("dbos", { useListenNotify: true, isCockroach: false });
  // Progress is no news to whoever starts a server: what fails throws, and our log names what was brought forward.
  await runSysMigrationsPg(client, migrations, "dbos", { isCockroach: false, onWarn: () => undefined });
  await migrateDataSource(client);
}

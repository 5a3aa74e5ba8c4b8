import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import { query, sql } from "#store/sql.ts";

/** Until so many sessions of this database wait for a lock. */
export async function blocked(pool: Pool, sessions: number): Promise<void> {
  const waiting = sql`select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await query(pool, waiting, () => null)).length < sessions) await delay(10);
}

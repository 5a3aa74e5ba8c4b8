import type { Client } from "pg";
import { z } from "zod";

/** What a table holds, whatever the order of its rows. */
export interface TableContent {
  /** With its schema. */
  readonly name: string;
  /** A decimal number of any length. */
  readonly rows: string;
  /** A sum over the digests of all rows: rows in another order are the same, one that differs is not. */
  readonly hash: string;
  readonly indexes: number;
  readonly constraints: number;
}

const named = z.array(z.object({ schema: z.string(), name: z.string(), indexes: z.int(), constraints: z.int() }));
const content = z.tuple([z.object({ rows: z.string(), hash: z.string() })]);

/** Every table that holds rows, by name; of a partitioned one its parts. */
export async function readTables(client: Client): Promise<readonly TableContent[]> {
  // Texts of times and numbers are settings of the session: both sides have to write them alike.
  await client.query("set timezone = 'UTC'");
  await client.query("set datestyle = 'ISO'");
  await client.query("set extra_float_digits = 3");
  const found = await client.query(`select n.nspname as schema, c.relname as name,
      (select count(*)::int from pg_index i where i.indrelid = c.oid) as indexes,
      (select count(*)::int from pg_constraint k where k.conrelid = c.oid) as constraints
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
    order by n.nspname collate "C", c.relname collate "C"`);
  const tables: TableContent[] = [];
  for (const { schema, name, indexes, constraints } of named.parse(found.rows)) {
    const table = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(name)}`;
    const read = await client.query(`select count(*)::text as rows,
        coalesce(sum(('x' || substr(md5(t::text), 1, 16))::bit(64)::bigint::numeric), 0)::text as hash
      from ${table} t`);
    const [{ rows, hash }] = content.parse(read.rows);
    tables.push({ name: `${schema}.${name}`, rows, hash, indexes, constraints });
  }
  return tables;
}

const shownTables = 5;

/** Whether both are the same, and what was compared or what differs, in one sentence. */
export function compareTables(
  saved: readonly TableContent[],
  restored: readonly TableContent[],
): { readonly same: boolean; readonly detail: string } {
  const names = [...new Set([...saved, ...restored].map(({ name }) => name))].toSorted();
  const differing = names.flatMap((name) => {
    const before = saved.find((one) => one.name === name);
    const after = restored.find((one) => one.name === name);
    if (before === undefined) return [`${name} was not saved`];
    if (after === undefined) return [`${name} is missing`];
    if (before.rows !== after.rows) return [`${name} has ${after.rows} rows, not ${before.rows}`];
    if (before.hash !== after.hash) return [`${name} has other rows`];
    if (before.indexes !== after.indexes || before.constraints !== after.constraints)
      return [`${name} lacks indexes or constraints`];
    return [];
  });
  if (differing.length > 0) {
    const more = differing.length > shownTables ? `; ${differing.length - shownTables} more` : "";
    return { same: false, detail: `${differing.slice(0, shownTables).join("; ")}${more}` };
  }
  const rows = saved.reduce((sum, one) => sum + BigInt(one.rows), 0n);
  return { same: true, detail: `${saved.length} tables with ${rows} rows are the same` };
}

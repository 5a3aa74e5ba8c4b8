import type { ClientBase } from "pg";
import { z } from "zod";
import { keyOf, type ShelfName, type ShelfRows, withRows, withShelfOf, type World } from "#core/world/world.ts";
import { query, readRows, sql, type Queryable, type Statement, type Texts } from "#store/sql.ts";

/** The shelves that rows are read for; what follows from other facts is computed. */
export type StoredShelf = Exclude<ShelfName, "usage" | "exposure">;

/** Keys by their parts; null: everything there is. */
export type Keys = readonly (readonly string[])[] | null;

/** How the rows of one shelf are read: all at once, or those of some keys. */
export interface ShelfReader<Name extends ShelfName> {
  readonly shelf: Name;
  /** Selects `key` (text[], the parts) and `row` (jsonb), rows of a key in their order. */
  readonly select: (keys: Keys) => Statement;
  /** null: the row says nothing. */
  readonly parse: (row: unknown) => ShelfRows[Name] | null;
}

/** How a shelf of hundreds of thousands is read as a whole: the same rows under the same keys, from columns of text. */
export interface BulkReader<Name extends ShelfName> {
  readonly shelf: Name;
  readonly select: Statement;
  readonly key: (columns: Texts) => string;
  readonly row: (columns: Texts) => ShelfRows[Name];
}

export function defineBulkReader<Name extends ShelfName>(reader: BulkReader<Name>): BulkReader<Name> {
  return reader;
}

/** A column that is never null. */
export function textAt(columns: Texts, place: number): string {
  const text = columns[place];
  if (typeof text !== "string") throw new Error(`column ${place} of a row is null`);
  return text;
}

/** The world with everything that a shelf holds. */
export async function withAllRead<Name extends ShelfName>(
  client: ClientBase,
  world: World,
  reader: BulkReader<Name>,
): Promise<World> {
  const found = new Map<string, ShelfRows[Name][]>();
  await readRows(client, reader.select, (columns) => {
    const key = reader.key(columns);
    const list = found.get(key);
    if (list === undefined) found.set(key, [reader.row(columns)]);
    else list.push(reader.row(columns));
  });
  return withShelfOf(world, reader.shelf, found);
}

export function defineReader<Name extends ShelfName>(reader: ShelfReader<Name>): ShelfReader<Name> {
  return reader;
}

/** Restricts a selection to keys by a join, so that the index on the columns is used; nothing for all of them. */
export function among(keys: Keys, ...columns: readonly Statement[]): Statement {
  const part = (place: number): readonly string[] => (keys ?? []).map((parts) => parts[place] ?? "");
  const [first, second, third] = columns;
  if (keys === null || first === undefined) return sql``;
  if (second === undefined) return sql`join unnest(${part(0)}::text[]) as w(a) on ${first} = w.a`;
  const two = sql`${first} = w.a and ${second} = w.b`;
  if (third === undefined) return sql`join unnest(${part(0)}::text[], ${part(1)}::text[]) as w(a, b) on ${two}`;
  return sql`join unnest(${part(0)}::text[], ${part(1)}::text[], ${part(2)}::text[]) as w(a, b, c)
    on ${two} and ${third} = w.c`;
}

const read = z.object({ key: z.array(z.string()), row: z.unknown() });

/** The world with the rows of these keys as the database has them now; of a key without rows none are left. */
export async function withRead<Name extends ShelfName>(
  client: Queryable,
  world: World,
  reader: ShelfReader<Name>,
  keys: Keys,
): Promise<World> {
  if (keys?.length === 0) return world;
  const found = new Map<string, ShelfRows[Name][]>(keys?.map((parts) => [keyOf(...parts), []]));
  for (const { key, row } of await query(client, reader.select(keys), read)) {
    const parsed = reader.parse(row);
    if (parsed === null) continue;
    const list = found.get(keyOf(...key));
    if (list !== undefined) list.push(parsed);
    else if (keys === null) found.set(keyOf(...key), [parsed]);
  }
  if (keys === null) return withShelfOf(world, reader.shelf, found);
  let next = world;
  for (const [key, list] of found) next = withRows(next, reader.shelf, key, list);
  return next;
}

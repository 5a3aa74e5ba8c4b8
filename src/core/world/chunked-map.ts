/**
 * An immutable map in small chunks: a changed entry copies two lists of 256 places and one bucket of a few entries, so
 * replacing one of 200,000 takes about a microsecond and whoever holds the map before the change keeps it as it was.
 */
export interface ChunkedMap<T> {
  readonly size: number;
  readonly pages: readonly (Page<T> | undefined)[];
}

type Page<T> = readonly (Bucket<T> | undefined)[];
type Bucket<T> = readonly Entry<T>[];

interface Entry<T> {
  readonly key: string;
  readonly value: T;
}

const fanOut = 256;

/** Without any entry. */
export function emptyMap<T>(): ChunkedMap<T> {
  return { size: 0, pages: [] };
}

export function valueOf<T>(map: ChunkedMap<T>, key: string): T | undefined {
  if (map.size === 0) return undefined;
  const hash = hashOf(key);
  const bucket = map.pages[hash >>> 8]?.[hash & 0xff];
  if (bucket === undefined) return undefined;
  for (const entry of bucket) if (entry.key === key) return entry.value;
  return undefined;
}

/** The map with this entry instead of one of the same key. */
export function withEntry<T>(map: ChunkedMap<T>, key: string, value: T): ChunkedMap<T> {
  return replaced(map, key, (others) => [...others, { key, value }]);
}

/** The map without an entry of this key; itself when there is none. */
export function withoutEntry<T>(map: ChunkedMap<T>, key: string): ChunkedMap<T> {
  return valueOf(map, key) === undefined ? map : replaced(map, key, (others) => others);
}

/** Of several entries with the same key the last one counts. */
export function mapOf<T>(entries: Iterable<readonly [key: string, value: T]>): ChunkedMap<T> {
  const pages: Entry<T>[][][] = [];
  let size = 0;
  for (const [key, value] of entries) {
    const hash = hashOf(key);
    const page = (pages[hash >>> 8] ??= []);
    const bucket = (page[hash & 0xff] ??= []);
    const known = bucket.findIndex((entry) => entry.key === key);
    if (known >= 0) bucket[known] = { key, value };
    else {
      bucket.push({ key, value });
      size += 1;
    }
  }
  return { size, pages };
}

/** Every entry, in no order that means anything. */
export function* entriesOf<T>(map: ChunkedMap<T>): Iterable<readonly [key: string, value: T]> {
  for (const page of map.pages) {
    for (const bucket of page ?? []) {
      for (const { key, value } of bucket ?? []) yield [key, value];
    }
  }
}

function replaced<T>(map: ChunkedMap<T>, key: string, change: (others: Bucket<T>) => Bucket<T>): ChunkedMap<T> {
  const hash = hashOf(key);
  const pages = Array.from({ length: fanOut }, (_, place) => map.pages[place]);
  const page = Array.from({ length: fanOut }, (_, place) => pages[hash >>> 8]?.[place]);
  const before = page[hash & 0xff] ?? [];
  const others = before.filter((entry) => entry.key !== key);
  const after = change(others);
  page[hash & 0xff] = after;
  pages[hash >>> 8] = page;
  return { size: map.size + after.length - before.length, pages };
}

/** FNV-1a, folded to 16 bits. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 16)) & 0xffff;
}

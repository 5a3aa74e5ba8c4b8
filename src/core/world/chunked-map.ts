/**
 * An immutable map for many entries of which few change: those that it was made of lie flat in tables, those that were
 * changed since in small chunks above them. A change copies two lists of 256 places and one bucket of a few entries, so
 * replacing one of 200,000 takes microseconds and whoever holds the map before the change keeps it as it was. Flat, since
 * a look-up of a random entry costs as much as it touches memory.
 */
export interface ChunkedMap<T> {
  readonly size: number;
  readonly base: Base<T>;
  /** Changed entries by their hash; null without any. */
  readonly pages: readonly (Page<T> | undefined)[] | null;
}

/**
 * Open addressing over at least twice as many slots as there are entries. A slot is two numbers next to each other, so
 * that looking at it touches memory once: the hash, and the place among keys and values, -1 where the slot is free.
 */
interface Base<T> {
  readonly slots: Int32Array;
  readonly keys: readonly string[];
  readonly values: readonly T[];
}

type Page<T> = readonly (Bucket<T> | undefined)[];
type Bucket<T> = readonly Entry<T>[];

interface Entry<T> {
  readonly key: string;
  /** undefined: taken out. */
  readonly value: T | undefined;
}

const fanOut = 256;

/** The beginning of keys, hashed once for many look-ups. */
export interface Prefix {
  readonly text: string;
  readonly hash: number;
}

export const noPrefix: Prefix = { text: "", hash: 0x811c9dc5 | 0 };

export function prefixOf(text: string): Prefix {
  return { text, hash: hashFrom(noPrefix.hash, text) };
}

/** Without any entry. */
export function emptyMap<T>(): ChunkedMap<T> {
  return mapOf<T>([]);
}

export function valueOf<T>(map: ChunkedMap<T>, key: string): T | undefined {
  return valueUnder(map, noPrefix, key);
}

/** The value of the key that is the prefix and this rest, which is never put together. */
export function valueUnder<T>(map: ChunkedMap<T>, prefix: Prefix, rest: string): T | undefined {
  if (map.size === 0) return undefined;
  const hash = hashFrom(prefix.hash, rest);
  const bucket = map.pages?.[(hash >>> 8) & 0xff]?.[hash & 0xff];
  if (bucket !== undefined) {
    for (const { key, value } of bucket) if (isKey(key, prefix.text, rest)) return value;
  }
  const { slots, keys, values } = map.base;
  const mask = slots.length - 2;
  for (let slot = (hash << 1) & mask; ; slot = (slot + 2) & mask) {
    const place = slots[slot + 1] ?? -1;
    if (place < 0) return undefined;
    if (slots[slot] === hash && isKey(keys[place] ?? "", prefix.text, rest)) return values[place];
  }
}

/** True when the key is these two texts one after the other. From the end: beginnings are mostly alike. */
function isKey(key: string, prefix: string, rest: string): boolean {
  const before = prefix.length;
  if (key.length !== before + rest.length) return false;
  for (let i = rest.length - 1; i >= 0; i--) if (key.charCodeAt(before + i) !== rest.charCodeAt(i)) return false;
  for (let i = before - 1; i >= 0; i--) if (key.charCodeAt(i) !== prefix.charCodeAt(i)) return false;
  return true;
}

/** The map with this entry instead of one of the same key. */
export function withEntry<T>(map: ChunkedMap<T>, key: string, value: T): ChunkedMap<T> {
  const isNew = valueOf(map, key) === undefined;
  return { ...map, size: map.size + (isNew ? 1 : 0), pages: pagesWith(map.pages ?? [], { key, value }) };
}

/** The map without an entry of this key; itself when there is none. */
export function withoutEntry<T>(map: ChunkedMap<T>, key: string): ChunkedMap<T> {
  if (valueOf(map, key) === undefined) return map;
  return { ...map, size: map.size - 1, pages: pagesWith(map.pages ?? [], { key, value: undefined }) };
}

/** Of several entries with the same key the last one counts. */
export function mapOf<T>(entries: Iterable<readonly [key: string, value: T]>): ChunkedMap<T> {
  const distinct = entries instanceof Map ? entries : new Map(entries);
  const keys: string[] = [...distinct.keys()];
  const values: T[] = [...distinct.values()];
  let room = 2;
  while (room < 2 * keys.length) room *= 2;
  const slots = new Int32Array(2 * room).fill(-1);
  const mask = slots.length - 2;
  for (const [place, key] of keys.entries()) {
    const hash = hashFrom(noPrefix.hash, key);
    let slot = (hash << 1) & mask;
    while ((slots[slot + 1] ?? -1) >= 0) slot = (slot + 2) & mask;
    slots[slot] = hash;
    slots[slot + 1] = place;
  }
  return { size: keys.length, base: { slots, keys, values }, pages: null };
}

/** Every entry, in no order that means anything. */
export function* entriesOf<T>(map: ChunkedMap<T>): Iterable<readonly [key: string, value: T]> {
  for (const key of map.base.keys) {
    const value = valueOf(map, key);
    if (value !== undefined) yield [key, value];
  }
  const known = map.pages === null ? new Set<string>() : new Set(map.base.keys);
  for (const bucket of (map.pages ?? []).flatMap((page) => page ?? [])) {
    for (const { key, value } of bucket ?? []) if (value !== undefined && !known.has(key)) yield [key, value];
  }
}

function pagesWith<T>(before: readonly (Page<T> | undefined)[], entry: Entry<T>): readonly (Page<T> | undefined)[] {
  const hash = hashFrom(noPrefix.hash, entry.key);
  const pages = before.length === 0 ? Array.from<Page<T> | undefined>({ length: fanOut }) : before.slice();
  const known = pages[(hash >>> 8) & 0xff];
  const page = known === undefined ? Array.from<Bucket<T> | undefined>({ length: fanOut }) : known.slice();
  const others = (page[hash & 0xff] ?? []).filter(({ key }) => key !== entry.key);
  page[hash & 0xff] = [...others, entry];
  pages[(hash >>> 8) & 0xff] = page;
  return pages;
}

/** FNV-1a with 32 bits, going on from the hash of what stands before. */
function hashFrom(before: number, text: string): number {
  let hash = before;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

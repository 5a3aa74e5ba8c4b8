/** A value that JSON can carry. Numbers are finite; there is no `undefined` inside. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Deeper nesting is refused: a hostile document must not exhaust the stack. */
export const maxCanonicalDepth = 128;

/**
 * The canonical text of a JSON value by RFC 8785 (JCS): no white space, members sorted by the UTF-16 code units of
 * their names, numbers and strings as ECMAScript writes them. Equal values give equal text, byte for byte in UTF-8.
 * Throws a RangeError for what has no canonical form: NaN, infinities, lone surrogates, nesting beyond
 * `maxCanonicalDepth`.
 */
export function canonical(value: JsonValue): string {
  return write(value, 0);
}

function write(value: JsonValue, depth: number): string {
  if (depth > maxCanonicalDepth) throw new RangeError(`nested deeper than ${maxCanonicalDepth} levels`);
  if (value === null) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number") return writeNumber(value);
  if (typeof value === "string") return writeString(value);
  return isList(value) ? writeList(value, depth) : writeObject(value, depth);
}

/** `Array.isArray` alone does not narrow a readonly array out of a union. */
function isList(value: readonly JsonValue[] | { readonly [key: string]: JsonValue }): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} has no canonical form`);
  // JSON.stringify is the number format that RFC 8785 §3.2.2.3 refers to; it writes -0 as 0, as asked there.
  return JSON.stringify(value);
}

function writeString(value: string): string {
  // A lone surrogate has no UTF-8 form; JSON.stringify would escape it silently and two texts would collide.
  if (!value.isWellFormed()) throw new RangeError("a string with a lone surrogate has no canonical form");
  return JSON.stringify(value);
}

function writeList(list: readonly JsonValue[], depth: number): string {
  return `[${list.map((item) => write(item, depth + 1)).join(",")}]`;
}

function writeObject(object: { readonly [key: string]: JsonValue }, depth: number): string {
  // The default order of sort() is that of UTF-16 code units: what §3.2.3 asks for.
  const names = Object.keys(object).sort();
  const members: string[] = [];
  for (const name of names) {
    const value = object[name];
    if (value !== undefined) members.push(`${writeString(name)}:${write(value, depth + 1)}`);
  }
  return `{${members.join(",")}}`;
}

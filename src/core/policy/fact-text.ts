import { civilFromDays, dayMs, daysFromCivil, hourMs, minuteMs, secondMs } from "#core/calendar/civil.ts";

/**
 * The canonical text (RFC 8785) of a fact or of a part of one, written without building its JSON first: maps are
 * objects, Temporal values their ISO 8601 texts, members that are `undefined` are left out. The same as
 * `canonical(factsToJson(...))`, and several times as fast. Errors as of `canonical`.
 */
export function canonicalText(value: unknown): string {
  const begun = pieces.length;
  try {
    write(value);
    return begun === 0 ? pieces.join("") : pieces.slice(begun).join("");
  } finally {
    pieces.length = begun;
  }
}

/**
 * What is being written, piece by piece, and put together once. A text that grows by each piece is kept by the engine as a
 * tree of them, which takes several times as long to make, to read and to forget.
 */
const pieces: string[] = [];

function write(value: unknown): void {
  if (typeof value === "string") writeText(value);
  else if (value === null) pieces.push("null");
  else if (typeof value === "object") writeObject(value);
  else if (typeof value === "boolean") pieces.push(value ? "true" : "false");
  else if (typeof value !== "number") throw new TypeError(`facts hold a ${typeof value}`);
  else if (!Number.isFinite(value)) throw new RangeError(`${value} has no canonical form`);
  else pieces.push(JSON.stringify(value));
}

function writeObject(value: object): void {
  if (Array.isArray(value)) writeItems(value);
  else if (value instanceof Temporal.Instant) writeInstant(value);
  else if (value instanceof Temporal.PlainDateTime || value instanceof Temporal.Duration) {
    pieces.push('"', value.toString(), '"');
  } else if (value instanceof Map) writeMembers(Object.fromEntries(value));
  else if (isRecord(value)) writeMembers(value);
  else pieces.push("null");
}

function isRecord(value: object): value is { readonly [name: string]: unknown } {
  return !Array.isArray(value);
}

function writeItems(items: readonly unknown[]): void {
  if (items.length === 0) {
    pieces.push("[]");
    return;
  }
  for (let place = 0; place < items.length; place++) {
    pieces.push(place === 0 ? "[" : ",");
    write(items[place]);
  }
  pieces.push("]");
}

function writeMembers(members: { readonly [name: string]: unknown }): void {
  let isFirst = true;
  for (const { name, first, later } of inOrder(Object.keys(members))) {
    const value = members[name];
    if (value === undefined) continue;
    pieces.push(isFirst ? first : later);
    isFirst = false;
    write(value);
  }
  pieces.push(isFirst ? "{}" : "}");
}

interface Member {
  readonly name: string;
  /** What stands before its value: `{"name":` and `,"name":`. */
  readonly first: string;
  readonly later: string;
}

interface Shape {
  readonly names: readonly string[];
  readonly members: readonly Member[];
}

/** Shapes that are kept: facts are made of a few dozen, and objects by name of people are of shapes of their own. */
const maxShapes = 256;
const maxNamesOfShape = 32;
const shapes = new Map<string, Shape[]>();
let shapesKept = 0;

/** The names sorted by UTF-16 code units, as RFC 8785 §3.2.3 asks: once for all objects that are made alike. */
function inOrder(names: readonly string[]): readonly Member[] {
  const [first] = names;
  if (first === undefined) return [];
  const alike = shapes.get(first);
  const known = alike?.find((shape) => isSame(shape.names, names));
  if (known !== undefined) return known.members;
  const members = names.toSorted().map((name) => {
    const quotedName = quoted(name);
    return { name, first: `{${quotedName}:`, later: `,${quotedName}:` };
  });
  if (names.length > maxNamesOfShape) return members;
  if (shapesKept >= maxShapes) {
    shapes.clear();
    shapesKept = 0;
  }
  shapesKept += 1;
  const shape = { names, members };
  if (alike === undefined || shapesKept === 1) shapes.set(first, [shape]);
  else alike.push(shape);
  return members;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let place = 0; place < a.length; place++) if (a[place] !== b[place]) return false;
  return true;
}

function writeText(text: string): void {
  if (isPlain(text)) pieces.push('"', text, '"');
  else pieces.push(quoted(text));
}

function quoted(text: string): string {
  if (!text.isWellFormed()) throw new RangeError("a string with a lone surrogate has no canonical form");
  return JSON.stringify(text);
}

/** Longer texts are left to the engine, which is faster at them. */
const maxPlain = 96;

/** Printable ASCII without quote and backslash: what JSON writes as it is. */
function isPlain(text: string): boolean {
  if (text.length > maxPlain) return false;
  for (let place = 0; place < text.length; place++) {
    const code = text.charCodeAt(place);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return false;
  }
  return true;
}

// Between these the year has four digits; Temporal takes several times as long.
const plainFromMs = 0;
const plainToMs = daysFromCivil(10_000, 1, 1) * dayMs;

function writeInstant(at: Temporal.Instant): void {
  const ms = at.epochMilliseconds;
  const isWhole = ms >= plainFromMs && ms < plainToMs && at.epochNanoseconds % 1_000_000n === 0n;
  if (!isWhole) {
    pieces.push('"', at.toString(), '"');
    return;
  }
  const days = Math.floor(ms / dayMs);
  const rest = ms - days * dayMs;
  const minutes = minuteTexts[Math.floor(rest / minuteMs)] ?? "";
  const second = two[Math.floor((rest % minuteMs) / secondMs)] ?? "";
  pieces.push('"', dateOf(days), minutes, second, fraction(rest % secondMs), 'Z"');
}

const two = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, "0"));
/** Of each minute of a day: `T08:15:`. */
const minuteTexts = Array.from(
  { length: dayMs / minuteMs },
  (_, n) => `T${two[Math.floor(n / (hourMs / minuteMs))]}:${two[n % (hourMs / minuteMs)]}:`,
);

/** Days that are kept; facts are about some weeks and the releases of some years. */
const maxDates = 4_096;
const dates = new Map<number, string>();

function dateOf(days: number): string {
  const known = dates.get(days);
  if (known !== undefined) return known;
  const { year, month, day } = civilFromDays(days);
  const text = `${year}-${two[month]}-${two[day]}`;
  if (dates.size >= maxDates) dates.clear();
  dates.set(days, text);
  return text;
}

/** As short as it can be, as Temporal writes it. */
function fraction(ms: number): string {
  return ms === 0 ? "" : `.${String(ms).padStart(3, "0").replace(/0+$/, "")}`;
}

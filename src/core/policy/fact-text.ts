import { civilFromDays, dayMs, daysFromCivil, hourMs, minuteMs, secondMs } from "#core/calendar/civil.ts";

/**
 * The canonical text (RFC 8785) of a fact or of a part of one, written without building its JSON first: maps are
 * objects, Temporal values their ISO 8601 texts, members that are `undefined` are left out. The same as
 * `canonical(factsToJson(...))`, and several times as fast. Errors as of `canonical`.
 */
export function canonicalText(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "object") return textOfObject(value);
  if (typeof value !== "number") throw new TypeError(`facts hold a ${typeof value}`);
  if (!Number.isFinite(value)) throw new RangeError(`${value} has no canonical form`);
  return JSON.stringify(value);
}

function textOfObject(value: object): string {
  if (Array.isArray(value)) return `[${value.map((item: unknown) => canonicalText(item)).join(",")}]`;
  if (value instanceof Temporal.Instant) return `"${isoOf(value)}"`;
  if (value instanceof Temporal.PlainDateTime || value instanceof Temporal.Duration) return `"${value.toString()}"`;
  if (value instanceof Map) return textOfMembers(Object.fromEntries(value));
  return isRecord(value) ? textOfMembers(value) : "null";
}

function isRecord(value: object): value is { readonly [name: string]: unknown } {
  return !Array.isArray(value);
}

function textOfMembers(members: { readonly [name: string]: unknown }): string {
  let text = "";
  for (const { name, quotedName } of inOrder(Object.keys(members))) {
    const value = members[name];
    if (value !== undefined) text += `${text === "" ? "" : ","}${quotedName}:${canonicalText(value)}`;
  }
  return `{${text}}`;
}

interface Member {
  readonly name: string;
  readonly quotedName: string;
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
  const members = names.toSorted().map((name) => ({ name, quotedName: quoted(name) }));
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

function quoted(text: string): string {
  if (isPlain(text)) return `"${text}"`;
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

function isoOf(at: Temporal.Instant): string {
  const ms = at.epochMilliseconds;
  const isWhole = ms >= plainFromMs && ms < plainToMs && at.epochNanoseconds % 1_000_000n === 0n;
  if (!isWhole) return at.toString();
  const days = Math.floor(ms / dayMs);
  const { year, month, day } = civilFromDays(days);
  const rest = ms - days * dayMs;
  const hour = two(Math.floor(rest / hourMs));
  const minute = two(Math.floor((rest % hourMs) / minuteMs));
  const second = two(Math.floor((rest % minuteMs) / secondMs));
  return `${year}-${two(month)}-${two(day)}T${hour}:${minute}:${second}${fraction(rest % secondMs)}Z`;
}

function two(n: number): string {
  return n < 10 ? `0${n}` : `${n}`;
}

/** As short as it can be, as Temporal writes it. */
function fraction(ms: number): string {
  return ms === 0 ? "" : `.${String(ms).padStart(3, "0").replace(/0+$/, "")}`;
}

import type { Facts } from "#core/policy/facts.ts";

/** One fact of a verdict: what it is called, what its canonical JSON hashes to, and that text. */
export interface FactPart {
  readonly name: keyof Facts;
  readonly digest: string;
  /** Canonical JSON (RFC 8785) of the fact as `factsToJson` has it; made when it is asked for. */
  readonly json: () => string;
}

export type Hash = (text: string) => string;

/**
 * The facts part by part, in the order of their names. The digest of a part that is the same object as in another
 * question is not computed again, so a calendar that many verdicts share is hashed once. Facts are values: whoever
 * changed one in place would be told the old digest.
 */
export function factParts(facts: Facts, hash: Hash): readonly FactPart[] {
  const known = digestsBy(hash);
  const parts: FactPart[] = [];
  for (const name of namesOf(facts)) {
    const value = facts[name];
    if (value === undefined) continue;
    const textsKept = !madeAnew.has(name);
    parts.push({
      name,
      digest: digestOf(value, textsKept, hash, known),
      json: () => textOf(value, textsKept),
    });
  }
  return parts;
}

/** Facts that are made for each question: what was written of their rows would never be read again. */
const madeAnew: ReadonlySet<string> = new Set(["upstream", "impact", "nearest", "subject"] satisfies (keyof Facts)[]);

interface Digests {
  readonly ofObjects: WeakMap<object, string>;
  readonly ofShort: Map<string, string>;
}

const digests = new WeakMap<Hash, Digests>();

function digestsBy(hash: Hash): Digests {
  const known = digests.get(hash);
  if (known !== undefined) return known;
  const fresh: Digests = { ofObjects: new WeakMap(), ofShort: new Map() };
  digests.set(hash, fresh);
  return fresh;
}

/** `[]`, `null`, `"assumed"` and the like: most parts of most verdicts are one of a few. */
const maxShort = 24;
const maxShortKept = 1_024;

function digestOf(value: Facts[keyof Facts], textsKept: boolean, hash: Hash, known: Digests): string {
  const isKept = typeof value === "object" && value !== null && textsKept;
  if (isKept) {
    const digest = known.ofObjects.get(value);
    if (digest !== undefined) return digest;
  }
  const text = textOf(value, textsKept);
  const digest = text.length <= maxShort ? digestOfShort(text, hash, known.ofShort) : hash(text);
  if (isKept && text.length > maxShort) known.ofObjects.set(value, digest);
  return digest;
}

function digestOfShort(text: string, hash: Hash, known: Map<string, string>): string {
  const kept = known.get(text);
  if (kept !== undefined) return kept;
  if (known.size >= maxShortKept) known.clear();
  const digest = hash(text);
  known.set(text, digest);
  return digest;
}

let names: readonly (keyof Facts)[] = [];

/** The names in order; facts have the same ones every time, so they are sorted once. */
function namesOf(facts: Facts): readonly (keyof Facts)[] {
  const found = Object.keys(facts).filter((name) => isFact(name, facts));
  const isSame = found.length === names.length && names.every((name) => name in facts);
  if (!isSame) names = found.sort();
  return names;
}

function isFact(name: string, facts: Facts): name is keyof Facts {
  return name in facts;
}

/** Texts of rows that live longer than one question: windows, services, bookings and their like. */
const texts = new WeakMap<object, string>();

function textOf(value: unknown, textsKept: boolean): string {
  if (!Array.isArray(value) || !textsKept) return canonicalText(value);
  let text = "[";
  for (const [place, row] of value.entries()) text += place === 0 ? keptText(row) : `,${keptText(row)}`;
  return `${text}]`;
}

function keptText(row: unknown): string {
  if (typeof row !== "object" || row === null) return canonicalText(row);
  const known = texts.get(row);
  if (known !== undefined) return known;
  const text = canonicalText(row);
  texts.set(row, text);
  return text;
}

/**
 * The canonical text of a fact or of a part of one, written without building its JSON first: maps are objects, Temporal
 * values their ISO 8601 texts, members that are `undefined` are left out. The same as `canonical(factsToJson(...))`.
 */
function canonicalText(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "object") return textOfObject(value);
  if (typeof value !== "number") throw new TypeError(`facts hold a ${typeof value}`);
  if (!Number.isFinite(value)) throw new RangeError(`${value} has no canonical form`);
  return JSON.stringify(value);
}

function textOfObject(value: object): string {
  if (Array.isArray(value)) return `[${value.map((item: unknown) => canonicalText(item)).join(",")}]`;
  if (value instanceof Map) {
    const entries: (readonly [string, unknown])[] = [...value].map(([key, item]: [unknown, unknown]) => [
      String(key),
      item,
    ]);
    return textOfMembers(entries);
  }
  if (
    value instanceof Temporal.Instant ||
    value instanceof Temporal.PlainDateTime ||
    value instanceof Temporal.Duration
  ) {
    return `"${value.toString()}"`;
  }
  return textOfMembers(Object.entries(value));
}

function textOfMembers(members: (readonly [key: string, value: unknown])[]): string {
  members.sort(byKey);
  let text = "{";
  for (const [key, value] of members) {
    if (value !== undefined) text += `${text.length > 1 ? "," : ""}${quoted(key)}:${canonicalText(value)}`;
  }
  return `${text}}`;
}

/** By UTF-16 code units, as RFC 8785 §3.2.3 asks. */
function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}

function quoted(text: string): string {
  if (!text.isWellFormed()) throw new RangeError("a string with a lone surrogate has no canonical form");
  return JSON.stringify(text);
}

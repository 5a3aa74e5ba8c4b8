import { canonicalText } from "#core/policy/fact-text.ts";
import type { Facts } from "#core/policy/facts.ts";

/**
 * One fact of a verdict: what it is called and its canonical JSON (RFC 8785), as `factsToJson` has it. A long one is
 * known by its digest; a short one stands for itself, which is less to hash and less to look up again.
 */
export interface FactPart {
  readonly name: keyof Facts;
  /** Of the canonical JSON; null: it is no longer than `maxInline`. */
  readonly digest: string | null;
  /** Made when it is asked for. */
  readonly json: () => string;
}

export type Hash = (text: string) => string;

/** Characters of a part that stands for itself: about where hashing it costs as much as writing it out. */
export const maxInline = 512;

/**
 * The facts part by part, in the order of their names. A part that is the same object as in another question is neither
 * written nor hashed again, so a calendar that many verdicts share is hashed once. Facts are values: whoever changed one
 * in place would be told the old digest.
 */
export function factParts(facts: Facts, hash: Hash): readonly FactPart[] {
  const known = digestsBy(hash);
  const parts: FactPart[] = [];
  for (const name of namesOf(facts)) {
    const value = facts[name];
    if (value !== undefined) parts.push(partOf(name, value, hash, known));
  }
  return parts;
}

/**
 * The text over which the digest of the facts is taken: canonical JSON of an object with `digests` and `values` by the
 * names of the parts.
 */
export function partsText(parts: readonly FactPart[]): string {
  let digests = "";
  let values = "";
  for (const { name, digest, json } of parts) {
    if (digest === null) values += `${values === "" ? "" : ","}"${name}":${json()}`;
    else digests += `${digests === "" ? "" : ","}"${name}":"${digest}"`;
  }
  return `{"digests":{${digests}},"values":{${values}}}`;
}

/** Facts that are made for each question: what was written of them would never be read again. */
const madeAnew: ReadonlySet<string> = new Set([
  "upstream",
  "impact",
  "nearest",
  "subject",
  "at",
  "horizon",
] satisfies (keyof Facts)[]);

const digestsKept = new WeakMap<Hash, WeakMap<object, string>>();

function digestsBy(hash: Hash): WeakMap<object, string> {
  const known = digestsKept.get(hash) ?? new WeakMap<object, string>();
  digestsKept.set(hash, known);
  return known;
}

function partOf(name: keyof Facts, value: Facts[keyof Facts], hash: Hash, known: WeakMap<object, string>): FactPart {
  const isKept = typeof value === "object" && value !== null && !madeAnew.has(name);
  const before = isKept ? known.get(value) : undefined;
  if (before !== undefined) return { name, digest: before, json: () => textOf(value, isKept) };
  const text = textOf(value, isKept);
  const json = (): string => text;
  if (text.length <= maxInline) return { name, digest: null, json };
  const digest = hash(text);
  if (isKept) known.set(value, digest);
  return { name, digest, json };
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

function textOf(value: unknown, isKept: boolean): string {
  if (!isKept) return canonicalText(value);
  if (!Array.isArray(value)) return keptText(value);
  if (value.length === 0) return "[]";
  let text = "[";
  for (let place = 0; place < value.length; place++) text += `${place === 0 ? "" : ","}${keptText(value[place])}`;
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

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

/**
 * Characters of a part that stands for itself: what is not shared is seldom longer. Part of
 * how digests are taken: another number would be another form of them.
 */
export const maxInline = 1_024;

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
export function partsText(parts: readonly (Omit<FactPart, "name"> & { readonly name: string })[]): string {
  let digests = "";
  let values = "";
  for (const { name, digest, json } of parts) {
    if (digest === null) values += `${values === "" ? "" : ","}"${name}":${json()}`;
    else digests += `${digests === "" ? "" : ","}"${name}":"${digest}"`;
  }
  return `{"digests":{${digests}},"values":{${values}}}`;
}

/**
 * Facts whose rows, and those whose lists, many questions have in common. Of all others nothing is remembered: a memory
 * of every booking and version costs more than writing the few that a question has.
 */
const sharedRows: ReadonlySet<string> = new Set([
  "windows",
  "freezes",
  "routes",
  "policies",
  "rotas",
  "environment",
] satisfies (keyof Facts)[]);
const sharedLists: ReadonlySet<string> = new Set([
  "windows",
  "freezes",
  "routes",
  "policies",
  "people",
  "strategies",
  "cautions",
  "holds",
  "stops",
  "exemptions",
] satisfies (keyof Facts)[]);

const digestsKept = new WeakMap<Hash, WeakMap<object, string>>();

function digestsBy(hash: Hash): WeakMap<object, string> {
  const known = digestsKept.get(hash) ?? new WeakMap<object, string>();
  digestsKept.set(hash, known);
  return known;
}

function partOf(name: keyof Facts, value: Facts[keyof Facts], hash: Hash, known: WeakMap<object, string>): FactPart {
  const list = typeof value === "object" && value !== null && sharedLists.has(name) ? value : null;
  const before = list === null ? undefined : known.get(list);
  if (before !== undefined) return { name, digest: before, json: () => textOf(name, value) };
  const text = textOf(name, value);
  const json = (): string => text;
  if (text.length <= maxInline) return { name, digest: null, json };
  const digest = hash(text);
  if (list !== null) known.set(list, digest);
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

const texts = new WeakMap<object, string>();

function textOf(name: keyof Facts, value: unknown): string {
  if (!sharedRows.has(name)) return canonicalText(value);
  return Array.isArray(value) ? `[${value.map((row: unknown) => keptText(row)).join(",")}]` : keptText(value);
}

function keptText(row: unknown): string {
  if (typeof row !== "object" || row === null) return canonicalText(row);
  const known = texts.get(row);
  if (known !== undefined) return known;
  const text = canonicalText(row);
  texts.set(row, text);
  return text;
}

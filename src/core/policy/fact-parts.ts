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
 * The facts part by part, in the order of their names. A list that is the same object as in another question is neither
 * written nor hashed again, so a calendar that many verdicts share is hashed once. Facts are values: whoever changed one
 * in place would be told the old digest.
 */
export function factParts(facts: Facts, hash: Hash): readonly FactPart[] {
  const before = partsKept.get(facts);
  if (before?.hash === hash) return before.parts;
  const parts = partsOf(facts, hash);
  partsKept.set(facts, { hash, parts });
  return parts;
}

/** Digest, record and fingerprint of one verdict ask for the same parts. */
const partsKept = new WeakMap<Facts, { readonly hash: Hash; readonly parts: readonly FactPart[] }>();

function partsOf(facts: Facts, hash: Hash): readonly FactPart[] {
  const known = keptBy(hash);
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
  const digests: string[] = [];
  const values: string[] = [];
  for (const { name, digest, json } of parts) {
    if (digest === null) values.push(values.length === 0 ? '"' : ',"', name, '":', json());
    else digests.push(digests.length === 0 ? '"' : ',"', name, '":"', digest, '"');
  }
  return `{"digests":{${digests.join("")}},"values":{${values.join("")}}}`;
}

/**
 * Facts whose rows many questions have in common. Of all others nothing is remembered: a memory of every booking and
 * version costs more than writing the few that a question has.
 */
const sharedRows: ReadonlySet<string> = new Set([
  "windows",
  "freezes",
  "routes",
  "policies",
  "rotas",
  "environment",
] satisfies (keyof Facts)[]);
/** Facts that are the same list in many questions. */
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
/** Facts that are the same list whenever the service is; kept only where they are long. */
const listsOfService: ReadonlySet<string> = new Set(["dependants", "impact", "rotas"] satisfies (keyof Facts)[]);

/** What is kept of a list: a long one is known by its digest and written again in the rare case that somebody asks. */
interface KeptList {
  readonly digest: string | null;
  readonly text: string | null;
}
type KeptLists = WeakMap<object, KeptList>;
const keptLists = new WeakMap<Hash, KeptLists>();

function keptBy(hash: Hash): KeptLists {
  const known = keptLists.get(hash) ?? new WeakMap<object, KeptList>();
  keptLists.set(hash, known);
  return known;
}

function partOf(name: keyof Facts, value: Facts[keyof Facts], hash: Hash, known: KeptLists): FactPart {
  if (Array.isArray(value) && value.length === 0) return { name, digest: null, json: emptyList };
  const isShared = sharedLists.has(name);
  const list = typeof value === "object" && (isShared || listsOfService.has(name)) ? value : null;
  const before = list === null ? undefined : known.get(list);
  if (before !== undefined) {
    const { digest, text } = before;
    return { name, digest, json: () => text ?? textOf(name, value) };
  }
  const text = textOf(name, value);
  const digest = text.length > maxInline ? hash(text) : null;
  if (list !== null && (isShared || digest !== null)) known.set(list, { digest, text: digest === null ? text : null });
  return { name, digest, json: () => text };
}

const emptyList = (): string => "[]";

let given: readonly string[] = [];
let names: readonly (keyof Facts)[] = [];

/** The names in order; facts have the same ones every time, so they are sorted once. */
function namesOf(facts: Facts): readonly (keyof Facts)[] {
  const own = Object.keys(facts);
  if (isSame(own, given)) return names;
  given = own;
  names = own.filter((name) => isFact(name, facts)).sort();
  return names;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let place = 0; place < a.length; place++) if (a[place] !== b[place]) return false;
  return true;
}

function isFact(name: string, facts: Facts): name is keyof Facts {
  return name in facts;
}

const texts = new WeakMap<object, string>();

function textOf(name: keyof Facts, value: unknown): string {
  if (!sharedRows.has(name)) return canonicalText(value);
  return Array.isArray(value) ? inOnePiece("[", value.map(keptText).join(","), "]") : keptText(value);
}

function keptText(row: unknown): string {
  if (typeof row !== "object" || row === null) return canonicalText(row);
  const known = texts.get(row);
  if (known !== undefined) return known;
  const text = canonicalText(row);
  texts.set(row, text);
  return text;
}

/** Put together now: what is kept is read often, and from pieces that takes several times as long. */
function inOnePiece(...pieces: readonly string[]): string {
  return pieces.join("");
}

import { isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from "yaml";
import { type Json, type JsonObject } from "#config/json.ts";
import { limits } from "#config/limits.ts";
import type { ProblemCode } from "#config/problem.ts";
import type { PlacedField, Places } from "#config/text.ts";

/** A problem of the text itself, by its offset. */
export interface TextProblem {
  readonly offset: number;
  readonly code: ProblemCode;
  readonly message: string;
  readonly remedy: string;
}

export interface Plain {
  readonly value: Json;
  readonly places: Places;
}

/** What may still be read of one file; shared by its documents, so that many small bombs are one bomb. */
export interface Budget {
  values: number;
  aliases: number;
}

interface Reading {
  readonly budget: Budget;
  readonly problems: TextProblem[];
  readonly anchors: Map<string, Node>;
  /** Set once the budget is spent: the rest is skipped without a word. */
  spent: boolean;
}

/**
 * Turns a parsed document into plain data and its places. Own walk instead of the library's `toJS`, because the
 * library compares keys of a mapping pairwise (20,000 keys take seconds), assigns `__proto__` and keeps unknown tags.
 */
export function toPlain(node: Node | null, budget: Budget): Plain & { readonly problems: readonly TextProblem[] } {
  const reading: Reading = { budget, problems: [], anchors: new Map(), spent: false };
  const plain = read(node, reading, 0, 0);
  return { ...plain, problems: reading.problems };
}

function read(node: unknown, reading: Reading, depth: number, nearby: number): Plain {
  const nothing: Plain = { value: null, places: nearby };
  if (reading.spent) return nothing;
  if (isAlias(node)) return readAlias(node.source, node.range?.[0] ?? nearby, reading, depth);
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) return nothing;
  const at = node.range?.[0] ?? nearby;
  if (--reading.budget.values < 0) {
    reading.spent = true;
    report(reading, at, "too-many-values", `The file holds more than ${limits.values} values.`, "Split the file.");
    return nothing;
  }
  if (depth > limits.depth) {
    report(reading, at, "too-deep", `Values are nested deeper than ${limits.depth} levels.`, "Write it flatter.");
    return nothing;
  }
  if (node.anchor !== undefined) reading.anchors.set(node.anchor, node);
  if (node.tag !== undefined && !plainTags.has(node.tag)) {
    const remedy = "Remove the tag: a configuration is plain data.";
    report(reading, at, "tag", `The tag ${node.tag} is not allowed.`, remedy);
  }
  if (isMap(node)) return readMap(node, at, reading, depth);
  if (isSeq(node)) return readSeq(node, at, reading, depth);
  return { value: readScalar(node.value, at, reading), places: at };
}

const plainTags: ReadonlySet<string> = new Set(
  ["str", "int", "float", "bool", "null", "map", "seq"].map((name) => `tag:yaml.org,2002:${name}`),
);

/** Names that reach into the prototype of an object when data is merged carelessly later on. */
const refusedKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

function readAlias(name: string, at: number, reading: Reading, depth: number): Plain {
  const target = reading.anchors.get(name);
  const nothing: Plain = { value: null, places: at };
  if (target === undefined) {
    report(reading, at, "alias", `The alias *${name} has no anchor before it.`, `Set &${name} first, or write it out.`);
    return nothing;
  }
  if (--reading.budget.aliases < 0) {
    reading.spent = true;
    const message = `The file uses more than ${limits.aliases} aliases.`;
    report(reading, at, "alias", message, "Write the values out, or split the file.");
    return nothing;
  }
  return { value: read(target, reading, depth + 1, at).value, places: at };
}

function readMap(map: YAMLMap, at: number, reading: Reading, depth: number): Plain {
  const value: Record<string, Json> = {};
  const fields = new Map<string, PlacedField>();
  for (const { key, value: inner } of map.items) {
    const keyAt = isScalar(key) || isMap(key) || isSeq(key) || isAlias(key) ? (key.range?.[0] ?? at) : at;
    const name = isScalar(key) && typeof key.value === "string" ? key.value : null;
    if (name === null || refusedKeys.has(name) || name === "<<") {
      report(reading, keyAt, "bad-key", badKeyMessage(name), "Write a field name of the kind.");
      continue;
    }
    if (fields.has(name)) {
      report(
        reading,
        keyAt,
        "duplicate-key",
        `"${shorten(name)}" stands twice in the same mapping.`,
        "Keep one of them.",
      );
      continue;
    }
    readScalar(name, keyAt, reading);
    const plain = read(inner, reading, depth + 1, keyAt);
    value[name] = plain.value;
    fields.set(name, { keyAt, value: plain.places });
  }
  const object: JsonObject = value;
  return { value: object, places: { at, fields } };
}

function badKeyMessage(name: string | null): string {
  if (name === null) return "The key of a mapping is not a text.";
  if (name === "<<") return "Merge keys are not part of YAML 1.2.";
  return `The key ${name} is not allowed.`;
}

function readSeq(seq: YAMLSeq, at: number, reading: Reading, depth: number): Plain {
  const values: Json[] = [];
  const items: Places[] = [];
  for (const item of seq.items) {
    const plain = read(item, reading, depth + 1, at);
    values.push(plain.value);
    items.push(plain.places);
  }
  return { value: values, places: { at, items } };
}

function readScalar(value: unknown, at: number, reading: Reading): Json {
  if (typeof value === "string") {
    if (!value.isWellFormed() || /[^\P{Cc}\t\n\r]/u.test(value)) {
      const message = "The text holds a control character or half of a surrogate pair.";
      report(reading, at, "bad-character", message, "Remove the character.");
      return "";
    }
    return value;
  }
  if (typeof value === "number") {
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
      report(
        reading,
        at,
        "bad-number",
        "The number is not finite or too large to be exact.",
        "Write a number of at most 15 digits, or put a text in quotes.",
      );
      return 0;
    }
    return Object.is(value, -0) ? 0 : value;
  }
  return typeof value === "boolean" ? value : null;
}

/** Names in messages are quoted from the input, so they are cut. */
export function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

function report(reading: Reading, offset: number, code: ProblemCode, message: string, remedy: string): void {
  reading.problems.push({ offset, code, message, remedy });
}

import { stringify } from "yaml";
import { type Document, documentId, documentValue, type Origin } from "#config/document.ts";
import { isJsonObject, type Json, type JsonObject } from "#config/json.ts";
import { compareText } from "#config/problem.ts";
import { kindNamed, kindNames } from "#config/registry.ts";
import { parseSources } from "#config/source.ts";
import { sourceText } from "#config/text.ts";

/**
 * Documents as YAML that reads back to the same documents. Equal sets of documents give the same text: sorted by kind
 * and name, fields in the order of the kind's schema, the rest by name.
 */
export function encodeDocuments(documents: readonly Document[]): string {
  return documents.toSorted(compareDocuments).map(encodeDocument).join("---\n");
}

export function encodeDocument(document: Document): string {
  const schema = kindNamed(document.kind)?.schema;
  const known =
    schema !== undefined && "shape" in schema && isJsonObject(schema.shape) ? Object.keys(schema.shape) : [];
  const value = documentValue({ ...document, spec: ordered(document.spec, known) });
  return stringify(value, {
    version: "1.2",
    lineWidth: 0,
    aliasDuplicateObjects: false,
    defaultStringType: "PLAIN",
    flowCollectionPadding: true,
  });
}

/** By kind in the order of the registry, then by name. */
export function compareDocuments(a: Document, b: Document): number {
  const order = kindNames();
  return order.indexOf(a.kind) - order.indexOf(b.kind) || compareText(a.kind, b.kind) || compareText(a.name, b.name);
}

function ordered(value: JsonObject, known: readonly string[]): JsonObject {
  const rest = Object.keys(value)
    .filter((key) => !known.includes(key))
    .sort();
  const keys = [...known.filter((key) => Object.hasOwn(value, key)), ...rest];
  return Object.fromEntries(keys.map((key) => [key, orderedInside(value[key] ?? null)]));
}

function orderedInside(value: Json): Json {
  if (Array.isArray(value)) return value.map(orderedInside);
  return isJsonObject(value) ? ordered(value, []) : value;
}

/** The text in which a stored document's problems are placed: its own export, under `Kind/name`. */
export function exportedOrigin(document: Document): Origin {
  const source = sourceText(documentId(document), encodeDocument(document));
  const [copy] = parseSources([{ path: source.path, text: source.text }]).documents;
  return copy?.origin ?? { source, places: 0 };
}

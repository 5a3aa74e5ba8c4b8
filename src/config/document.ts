import { canonicalJson, type JsonObject } from "#config/json.ts";
import type { FieldProblem, Problem } from "#config/problem.ts";
import { offsetOf, placeAt, type Places, type SourceText } from "#config/text.ts";

export const apiVersion = "tidegate.dev/v1";

/** One declared thing as plain data. Kind and name together are its identity. */
export interface Document {
  readonly kind: string;
  readonly name: string;
  readonly description: string | null;
  readonly spec: JsonObject;
  /** Where it was read; null for a document that comes from a store. */
  readonly origin: Origin | null;
}

export interface Origin {
  readonly source: SourceText;
  readonly places: Places;
}

/** `Kind/name`. */
export function documentId(document: Pick<Document, "kind" | "name">): string {
  return `${document.kind}/${document.name}`;
}

/** A document from a store, where only its content counts. */
export function storedDocument(
  kind: string,
  name: string,
  spec: JsonObject,
  description: string | null = null,
): Document {
  return { kind, name, description, spec, origin: null };
}

/** The whole document as data, in the order in which people write it. */
export function documentValue(document: Document): JsonObject {
  const metadata: JsonObject = {
    name: document.name,
    ...(document.description === null ? {} : { description: document.description }),
  };
  return { apiVersion, kind: document.kind, metadata, spec: document.spec };
}

/**
 * Digest of the content: equal for equal content, whatever the order of keys, comments or file.
 * The hash is an argument because this zone has none; it gets the canonical JSON (see `canonicalJson`).
 */
export function documentDigest(document: Document, hash: (text: string) => string): string {
  return hash(canonicalJson(documentValue(document)));
}

/** Puts a problem of a field at its place in the text. A stored document is placed in its own export. */
export function placeProblem(
  document: Document,
  problem: FieldProblem,
  exported: (document: Document) => Origin,
): Problem {
  const { source, places } = document.origin ?? exported(document);
  const start = offsetOf(places, problem.at, problem.on ?? "value");
  const quoted = source.text[start] === '"' || source.text[start] === "'";
  const offset = problem.offset === undefined ? start : start + problem.offset + (quoted ? 1 : 0);
  return {
    severity: problem.severity ?? "error",
    path: source.path,
    ...placeAt(source, offset),
    code: problem.code,
    message: problem.message,
    remedy: problem.remedy,
    document: documentId(document),
  };
}

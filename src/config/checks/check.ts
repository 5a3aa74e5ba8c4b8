import { type Document, documentId } from "#config/document.ts";
import type { FieldProblem } from "#config/problem.ts";
import { placeAt } from "#config/text.ts";

/** A problem of a field together with the document it stands in. */
export interface Located {
  readonly document: Document;
  readonly problem: FieldProblem;
}

/** Where another document stands, for messages that name two places. */
export function whereIs(document: Document): string {
  if (document.origin === null) return documentId(document);
  const { source, places } = document.origin;
  const { line, column } = placeAt(source, typeof places === "number" ? places : places.at);
  return `${source.path}:${line}:${column}`;
}

import { type Document, documentId } from "#config/document.ts";
import { compareDocuments } from "#config/encode.ts";
import {
  canonicalJson,
  formatPath,
  isJsonList,
  isJsonObject,
  type Json,
  type JsonObject,
  type Path,
} from "#config/json.ts";

/** What applying the next documents would do to one of them. */
export interface DocumentChange {
  readonly kind: string;
  readonly name: string;
  readonly change: "added" | "changed" | "removed";
  /** Empty unless `changed`. */
  readonly fields: readonly FieldChange[];
}

/** `before` or `after` is null when the field was or is not there. */
export interface FieldChange {
  readonly path: string;
  readonly before: Json;
  readonly after: Json;
}

/** Changes in the order of an export. Documents are compared by content: comments, order and file do not count. */
export function diffDocuments(current: readonly Document[], next: readonly Document[]): readonly DocumentChange[] {
  const before = new Map(current.map((document) => [documentId(document), document]));
  const after = new Map(next.map((document) => [documentId(document), document]));
  const all = [...after.values(), ...[...before.values()].filter((document) => !after.has(documentId(document)))];
  return all.toSorted(compareDocuments).flatMap((document): DocumentChange[] => {
    const { kind, name } = document;
    const old = before.get(documentId(document));
    if (!after.has(documentId(document))) return [{ kind, name, change: "removed", fields: [] }];
    if (old === undefined) return [{ kind, name, change: "added", fields: [] }];
    const fields = changesOf([], content(old), content(document));
    return fields.length === 0 ? [] : [{ kind, name, change: "changed", fields }];
  });
}

function content({ description, spec }: Document): JsonObject {
  return { metadata: description === null ? {} : { description }, spec };
}

/** Lists of mappings of the same length are compared item by item, other lists as one value. */
function changesOf(path: Path, before: Json, after: Json): readonly FieldChange[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  if (isJsonObject(before) && isJsonObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((name) => changesOf([...path, name], own(before, name), own(after, name)));
  }
  const sameShape = isJsonList(before) && isJsonList(after) && before.length === after.length;
  if (sameShape && [...before, ...after].every(isJsonObject)) {
    return before.flatMap((item, index) => changesOf([...path, index], item, after[index] ?? null));
  }
  return [{ path: formatPath(path), before, after }];
}

function own(value: JsonObject, name: string): Json {
  return Object.hasOwn(value, name) ? (value[name] ?? null) : null;
}

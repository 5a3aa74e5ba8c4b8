import { canonical } from "#core/audit/canonical.ts";

/** Plain data, as it is stored, sent and compared. Numbers are finite; integers are safe integers. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isJsonList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The own member of that name; never one of the prototype. */
export function member(value: Json | undefined, key: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The items of a list; nothing when the value is something else. */
export function itemsOf(value: Json | undefined): readonly Json[] {
  return isJsonList(value) ? value : [];
}

/** Steps from the top of a document, e.g. `["spec", "dependsOn", 0, "service"]`. */
export type Path = readonly (string | number)[];

export function valueAt(value: Json, path: Path): Json | undefined {
  let found: Json | undefined = value;
  for (const step of path) {
    found = typeof step === "number" ? itemsOf(found)[step] : member(found, step);
    if (found === undefined) return undefined;
  }
  return found;
}

/** A path as people write it: `spec.dependsOn[0].service`. */
export function formatPath(path: Path): string {
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`)).join("");
}

/** One text for equal data, by RFC 8785. Digests and comparisons are made over this text. */
export function canonicalJson(value: Json): string {
  return canonical(value);
}

import { itemsOf, type Json, type JsonObject, member, type Path } from "#config/json.ts";
import type { Reference } from "#config/kind.ts";

/** The name in a field of the spec, where there is one; a wrong type is the schema's problem. */
export function referenceAt(spec: JsonObject, field: string, to: readonly string[]): readonly Reference[] {
  return toReference(member(spec, field), ["spec", field], to);
}

export function referencesIn(spec: JsonObject, field: string, to: readonly string[]): readonly Reference[] {
  return itemsOf(member(spec, field)).flatMap((item, index) => toReference(item, ["spec", field, index], to));
}

function toReference(value: Json | undefined, at: Path, to: readonly string[]): readonly Reference[] {
  return typeof value === "string" && value !== "" ? [{ at, name: value, to }] : [];
}

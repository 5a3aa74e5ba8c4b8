import { randomUUIDv7 } from "node:crypto";
import { idPrefix, type Branded, type IdKind } from "#core/id.ts";

/** A new id: prefix and a UUIDv7 without hyphens, so ids of one kind sort by the time of their making. */
export function newId<Name extends string>(kind: IdKind): Branded<Name> {
  // The only place where an id is made, hence the only cast.
  return `${idPrefix[kind]}_${randomUUIDv7().replaceAll("-", "")}` as Branded<Name>;
}

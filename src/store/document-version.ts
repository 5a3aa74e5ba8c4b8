import { z } from "zod";
import { storedDocument, type Document } from "#config/document.ts";
import type { JsonObject } from "#config/json.ts";
import { instant } from "./row.ts";
import { query, sql, type Queryable } from "./sql.ts";

/** A document as it was in force from `from` to, not at, `to`. */
export interface StoredVersion {
  readonly document: Document;
  /** Digest of its content. */
  readonly version: string;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant | null;
  readonly appliedBy: string;
  /** `path:line` where it was written. */
  readonly place: string;
}

/** More versions of one document than a page shows. */
const maxVersions = 200;

const row = z.object({
  name: z.string(),
  description: z.string().nullable(),
  spec: z.record(z.string(), z.json()),
  digest: z.string(),
  place: z.string(),
  valid_from: instant,
  valid_to: instant.nullable(),
  applied_by: z.string(),
});

/** All versions of one document, the newest first; empty when there never was one. */
export async function documentVersions(
  client: Queryable,
  kind: string,
  name: string,
): Promise<readonly StoredVersion[]> {
  return query(
    client,
    sql`select name, description, spec, digest, place, valid_from, valid_to, applied_by from document
        where kind = ${kind} and name = ${name} order by valid_from desc limit ${maxVersions}`,
    (given) => {
      const read = row.parse(given);
      return {
        document: storedDocument(kind, read.name, read.spec satisfies JsonObject, read.description),
        version: read.digest,
        from: read.valid_from,
        to: read.valid_to,
        appliedBy: read.applied_by,
        place: read.place,
      };
    },
  );
}

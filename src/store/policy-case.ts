import { z } from "zod";
import { documentDigest, storedDocument, type Document } from "#config/document.ts";
import type { JsonObject } from "#config/json.ts";
import { sha256Of } from "#runtime/digest.ts";
import { placeOf } from "./configuration.ts";
import { instant, toTimestamp } from "./row.ts";
import { execute, query, sql, type Queryable } from "./sql.ts";

/** A document of kind PolicyCase of the folder that was applied last. */
export interface StoredCase {
  readonly document: Document;
  /** `path:line` where it was written. */
  readonly place: string;
  readonly appliedAt: Temporal.Instant;
  readonly appliedBy: string;
}

const caseRow = z
  .object({
    name: z.string(),
    description: z.string().nullable(),
    spec: z.record(z.string(), z.json()),
    place: z.string(),
    applied_at: instant,
    applied_by: z.string(),
  })
  .transform(({ name, description, spec, place, applied_at: appliedAt, applied_by: appliedBy }): StoredCase => ({
    document: storedDocument("PolicyCase", name, spec satisfies JsonObject, description),
    place,
    appliedAt,
    appliedBy,
  }));

/** All of them, by name. */
export async function policyCases(client: Queryable): Promise<readonly StoredCase[]> {
  return query(client, sql`select * from policy_case order by name`, caseRow);
}

/** Exactly these from now on. Equal ones stay as they are, with the instant at which they were applied first. */
export async function keepPolicyCases(
  client: Queryable,
  {
    documents,
    at,
    by,
  }: { readonly documents: readonly Document[]; readonly at: Temporal.Instant; readonly by: string },
): Promise<void> {
  const known = new Map((await policyCases(client)).map(({ document }) => [document.name, digestOf(document)]));
  const next = new Map(documents.map((document) => [document.name, document]));
  const gone = [...known].filter(([name, digest]) => {
    const kept = next.get(name);
    return kept === undefined || digestOf(kept) !== digest;
  });
  const rows = [...next.values()]
    .filter((document) => known.get(document.name) !== digestOf(document))
    .map((document) => ({ ...contentOf(document), place: placeOf(document) }));
  if (gone.length > 0) {
    const names = gone.map(([name]) => name);
    await execute(client, sql`delete from policy_case where name = any(${names}::text[])`);
  }
  if (rows.length === 0) return;
  await execute(
    client,
    sql`insert into policy_case (name, description, spec, place, applied_at, applied_by)
        select r.name, r.description, r.spec, r.place, ${toTimestamp(at)}, ${by}
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(name text, description text, spec jsonb, place text)`,
  );
}

function contentOf({ name, description, spec }: Document): Pick<Document, "name" | "description" | "spec"> {
  return { name, description, spec };
}

function digestOf(document: Document): string {
  return documentDigest(document, sha256Of);
}

import { z } from "zod";
import { documentDigest, documentId, storedDocument, type Document } from "#config/document.ts";
import { canonicalJson, type JsonObject } from "#config/json.ts";
import { compareText } from "#config/problem.ts";
import { offsetOf, placeAt } from "#config/text.ts";
import { sha256Of } from "#runtime/digest.ts";
import { instant, toTimestamp, whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable } from "./sql.ts";

/*
 * The configuration is a set of documents; a revision is the set in force from its instant on. Rows are closed and
 * opened, never changed, and the instants of revisions rise, so the set in force at an instant never changes later.
 */

/** One state of the whole configuration. `digest`: over the contents of all documents in force, in order. */
export interface Revision {
  readonly revision: number;
  readonly at: Temporal.Instant;
  readonly digest: string;
  readonly appliedBy: string;
}

export interface Application {
  readonly documents: readonly Document[];
  /** From when on they are in force: now. */
  readonly at: Temporal.Instant;
  /** Person. */
  readonly by: string;
}

const revisionRow = z.object({ revision: whole, at: instant, digest: z.string(), applied_by: z.string() });

const documentRow = z.object({
  kind: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  spec: z.record(z.string(), z.json()),
});

const digestRow = z.object({ digest: z.string() });

/** The newest revision; null before the first. */
export async function newestRevision(client: Queryable): Promise<Revision | null> {
  const found = sql`select revision, at, digest, applied_by from configuration_revision order by revision desc limit 1`;
  return queryOne(client, found, parseRevision);
}

/** The revision in force at an instant; null before the first. */
export async function revisionAt(client: Queryable, at: Temporal.Instant): Promise<Revision | null> {
  const found = sql`select revision, at, digest, applied_by from configuration_revision
                    where at <= ${toTimestamp(at)} order by revision desc limit 1`;
  return queryOne(client, found, parseRevision);
}

/** Newest first, at most `limit`. */
export async function revisions(client: Queryable, limit: number): Promise<readonly Revision[]> {
  const found = sql`select revision, at, digest, applied_by from configuration_revision
                    order by revision desc limit ${limit}`;
  return query(client, found, parseRevision);
}

function parseRevision(row: unknown): Revision {
  const { applied_by: appliedBy, ...read } = revisionRow.parse(row);
  return { ...read, appliedBy };
}

/** A document and the digest of its content. */
export interface StoredDocument {
  readonly document: Document;
  readonly digest: string;
}

/** By `documentId`. */
export type StoredDocuments = ReadonlyMap<string, StoredDocument>;

/** The documents in force at an instant. */
export async function documentsAt(client: Queryable, at: Temporal.Instant): Promise<StoredDocuments> {
  const then = toTimestamp(at);
  const found = await query(
    client,
    sql`select kind, name, description, spec, digest from document
        where valid_from <= ${then} and (valid_to is null or valid_to > ${then}) order by kind, name`,
    parseStored,
  );
  return new Map(found.map((stored) => [documentId(stored.document), stored]));
}

const endedRow = z.object({ kind: z.string(), name: z.string() });

/**
 * The documents in force at `revision`, from those that were at `base` and what has changed in between; null where that
 * does not come to the digest of the revision, because the base is of another history.
 */
export async function documentsSince(
  client: Queryable,
  base: { readonly at: Temporal.Instant; readonly documents: StoredDocuments },
  revision: Pick<Revision, "at" | "digest">,
): Promise<StoredDocuments | null> {
  const [from, to] = [toTimestamp(base.at), toTimestamp(revision.at)];
  const ended = sql`select kind, name from document where valid_to > ${from} and valid_to <= ${to}`;
  const begun = sql`select kind, name, description, spec, digest from document
                    where valid_from > ${from} and valid_from <= ${to} and (valid_to is null or valid_to > ${to})`;
  const documents = new Map(base.documents);
  for (const one of await query(client, ended, endedRow)) documents.delete(documentId(one));
  for (const stored of await query(client, begun, parseStored)) documents.set(documentId(stored.document), stored);
  const digests = [...documents].map(([id, { digest }]) => [id, digest] as const);
  return digestOfAll(digests) === revision.digest ? documents : null;
}

function parseStored(row: unknown): StoredDocument {
  return { document: parseDocument(row), digest: digestRow.parse(row).digest };
}

/** Of a whole configuration, by the ids and digests of its documents. */
function digestOfAll(digests: Iterable<readonly [id: string, digest: string]>): string {
  return sha256Of(canonicalJson([...digests].toSorted(([a], [b]) => compareText(a, b)).map((pair) => [...pair])));
}

/** The documents of the newest revision. */
export async function documentsInForce(client: Queryable): Promise<readonly Document[]> {
  const found = sql`select kind, name, description, spec from document where valid_to is null order by kind, name`;
  return query(client, found, parseDocument);
}

function parseDocument(row: unknown): Document {
  const { kind, name, description, spec } = documentRow.parse(row);
  return storedDocument(kind, name, spec satisfies JsonObject, description);
}

/**
 * Makes the documents the configuration in force: all of them and no others. Equal content makes no new revision. One
 * application at a time; should `at` not be after the last revision (the domain clock was set back), the new one
 * begins a microsecond after it.
 */
export async function applyDocuments(client: Queryable, application: Application): Promise<Revision> {
  await execute(client, sql`update configuration_head set applications = applications + 1`);
  const next = new Map(application.documents.map((document) => [documentId(document), document]));
  const known = await digestsInForce(client);
  const digests = new Map([...next].map(([id, document]) => [id, documentDigest(document, sha256Of)]));
  const last = await newestRevision(client);
  const closed = [...known].filter(([id, digest]) => digests.get(id) !== digest).map(([id]) => id);
  const opened = [...next].filter(([id]) => known.get(id) !== digests.get(id));
  if (last !== null && closed.length === 0 && opened.length === 0) return last;
  const at = toTimestamp(last === null ? application.at : later(application.at, last.at.add({ microseconds: 1 })));
  await execute(
    client,
    sql`update document set valid_to = ${at} where valid_to is null and kind || '/' || name = any(${closed}::text[])`,
  );
  const rows = opened.map(([id, document]) => toRow(document, digests.get(id) ?? ""));
  await execute(
    client,
    sql`insert into document (kind, name, description, spec, digest, place, valid_from, applied_by)
        select r.kind, r.name, r.description, r.spec, r.digest, r.place, ${at}, ${application.by}
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          as r(kind text, name text, description text, spec jsonb, digest text, place text)`,
  );
  const digest = digestOfAll(digests);
  const made = await queryOne(
    client,
    sql`insert into configuration_revision (at, digest, applied_by) values (${at}, ${digest}, ${application.by})
        returning revision, at, digest, applied_by`,
    parseRevision,
  );
  if (made === null) throw new Error("a revision was inserted and not returned");
  return made;
}

async function digestsInForce(client: Queryable): Promise<ReadonlyMap<string, string>> {
  const found = sql`select kind, name, digest from document where valid_to is null`;
  const row = z.object({ kind: z.string(), name: z.string(), digest: z.string() });
  const read = await query(client, found, row);
  return new Map(read.map((document) => [documentId(document), document.digest]));
}

function toRow(document: Document, digest: string): Readonly<Record<string, unknown>> {
  const { kind, name, description, spec } = document;
  return { kind, name, description, spec, digest, place: placeOf(document) };
}

/** `path:line` of the document where it was written, or its id. */
export function placeOf(document: Document): string {
  if (document.origin === null) return documentId(document);
  const { source, places } = document.origin;
  return `${source.path}:${placeAt(source, offsetOf(places, [], "value")).line}`;
}

function later(a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(a, b) >= 0 ? a : b;
}

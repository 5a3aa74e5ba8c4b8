import { hash } from "node:crypto";
import { z } from "zod";
import { canonical, type JsonValue } from "#core/audit/canonical.ts";
import type { VerdictId } from "#core/id.ts";
import { sha256Of } from "#runtime/digest.ts";
import { instant, toTimestamp, toTimestampOrNull, whole } from "./row.ts";
import { execute, query, sql, type Queryable, type Statement } from "./sql.ts";
import { textArray } from "./text-array.ts";

/** Values up to this size stand in the entry beside their digest; of larger ones only the digest does. */
export const maxAuditValueBytes = 4096;

/** One act, as the use case tells it. `before` and `after` are whatever JSON can carry, instants included. */
export interface AuditAct {
  readonly at: Temporal.Instant;
  readonly actor: {
    readonly person: string;
    readonly account: string;
    readonly method: "session" | "token" | "system";
  };
  readonly action: string;
  readonly object: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly verdict: VerdictId | null;
  readonly requestId: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

/** The canonical text of an entry (RFC 8785): what is stored, exported and hashed into the tree, never made again. */
export function auditEntryText(id: string, act: AuditAct): string {
  const { person, account, method } = act.actor;
  return canonical({
    id,
    at: act.at.toString(),
    actor: { person, account, method },
    action: act.action,
    object: act.object,
    outcome: act.outcome,
    reason: act.reason,
    verdict: act.verdict,
    requestId: act.requestId,
    before: witness(act.before),
    after: witness(act.after),
  });
}

/** Digest of a value, and the value itself when it is small; null for nothing. */
function witness(value: unknown): JsonValue {
  if (value === null || value === undefined) return null;
  // What has been written as JSON is JSON when it is read again.
  const plain: JsonValue = JSON.parse(JSON.stringify(value));
  const text = canonical(plain);
  const digest = sha256Of(text);
  return Buffer.byteLength(text) <= maxAuditValueBytes ? { digest, value: plain } : { digest };
}

/** An act as a row of the log. */
export interface AuditRow extends Pick<AuditAct, "action" | "object" | "outcome" | "verdict" | "requestId"> {
  readonly id: string;
  readonly at: string;
  /** JSON. */
  readonly actor: string;
  readonly entry: string;
  readonly leaf: string;
}

export function auditRow(id: string, act: AuditAct): AuditRow {
  const { person, account, method } = act.actor;
  const { action, object, outcome, verdict, requestId } = act;
  const entry = auditEntryText(id, act);
  const actor = JSON.stringify({ person, account, method });
  return {
    id,
    at: toTimestamp(act.at),
    actor,
    action,
    object,
    outcome,
    verdict,
    requestId,
    entry,
    leaf: leafOf(entry),
  };
}

export async function appendAudit(client: Queryable, id: string, act: AuditAct): Promise<void> {
  const { at, actor, action, object, outcome, verdict, requestId, entry, leaf } = auditRow(id, act);
  await execute(
    client,
    sql`insert into audit_entry (id, at, actor, action, object, outcome, verdict_id, request_id, entry, leaf)
        values (${id}, ${at}, ${actor}, ${action}, ${object}, ${outcome}, ${verdict}, ${requestId}, ${entry}, ${leaf})`,
  );
}

/** Many acts in one statement, in their order. */
export async function appendAudits(client: Queryable, rows: readonly AuditRow[]): Promise<void> {
  if (rows.length === 0) return;
  await execute(
    client,
    sql`insert into audit_entry (id, at, actor, action, object, outcome, verdict_id, request_id, entry, leaf)
        select ${auditColumns} from ${auditTable(rows)}`,
  );
}

/** The columns of the log from a table that `auditTable` makes. */
export const auditColumns = sql`a.id, a.at::timestamptz, a.actor::jsonb, a.action, a.object, a.outcome, a.verdict_id,
  a.request_id, a.entry, a.leaf`;

/** Rows as a table `a`, for a `from`. */
export function auditTable(rows: readonly AuditRow[]): Statement {
  const texts = (of: (row: AuditRow) => string | null): Buffer => textArray(rows.map(of));
  return sql`unnest(${texts(({ id }) => id)}::text[], ${texts(({ at }) => at)}::text[],
    ${texts(({ actor }) => actor)}::text[], ${texts(({ action }) => action)}::text[],
    ${texts(({ object }) => object)}::text[], ${texts(({ outcome }) => outcome)}::text[],
    ${texts(({ verdict }) => verdict)}::text[], ${texts(({ requestId }) => requestId)}::text[],
    ${texts(({ entry }) => entry)}::text[], ${texts(({ leaf }) => leaf)}::text[])
    a(id, at, actor, action, object, outcome, verdict_id, request_id, entry, leaf)`;
}

/** Leaf hash of an entry in hexadecimal digits (RFC 6962 §2.1): that of its bytes behind a zero. */
function leafOf(entry: string): string {
  return hash("sha256", `\u0000${entry}`, "hex");
}

/** A line of the log as lists show it. */
export interface AuditLine {
  readonly seq: number;
  readonly id: string;
  readonly at: Temporal.Instant;
  readonly person: string;
  readonly account: string;
  readonly method: string;
  readonly action: string;
  readonly object: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly verdict: string | null;
}

const line = z.object({
  seq: whole,
  id: z.string(),
  at: instant,
  actor: z.object({ person: z.string(), account: z.string(), method: z.string() }),
  action: z.string(),
  object: z.string(),
  outcome: z.string(),
  verdict_id: z.string().nullable(),
  entry: z.string().transform((text) => z.object({ reason: z.string().nullable() }).parse(JSON.parse(text))),
});

/** Newest first, from below `before`. */
export async function auditBefore(
  client: Queryable,
  filter: { readonly object: string | null; readonly action: string | null },
  before: number | null,
  limit: number,
): Promise<readonly AuditLine[]> {
  return query(
    client,
    sql`select seq, id, at, actor, action, object, outcome, verdict_id, entry from audit_entry
        where (${filter.object}::text is null or object = ${filter.object})
          and (${filter.action}::text is null or action = ${filter.action})
          and (${before}::bigint is null or seq < ${before})
        order by seq desc limit ${limit}`,
    (row) => {
      const { actor, entry, verdict_id: verdict, ...read } = line.parse(row);
      return { ...read, ...actor, reason: entry.reason, verdict };
    },
  );
}

/** An entry as it was hashed, and the hash made at that time. */
export interface AuditText {
  readonly entry: string;
  readonly leaf: string;
}

/** Canonical entries with `since <= at < until`, oldest first. */
export async function auditTexts(
  client: Queryable,
  since: Temporal.Instant | null,
  until: Temporal.Instant | null,
  limit: number,
): Promise<readonly AuditText[]> {
  const from = toTimestampOrNull(since);
  const to = toTimestampOrNull(until);
  return query(
    client,
    sql`select entry, leaf from audit_entry
        where (${from}::timestamptz is null or at >= ${from}) and (${to}::timestamptz is null or at < ${to})
        order by seq limit ${limit}`,
    z.object({ entry: z.string(), leaf: z.string() }),
  );
}

import { z } from "zod";
import { scopeField, toScope } from "#config/scope-field.ts";
import type { Override } from "#core/exemption/exemption.ts";
import type {
  DeviationUse,
  ExemptionDraft,
  OverrideDraft,
  RegisteredExemption,
  RegisteredUse,
  Revocation,
} from "#core/exemption/register.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { instant, toTimestamp, whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable, type Statement } from "./sql.ts";

const names = z.array(z.string());
const newId = z.object({ id: z.string() });

const exemptionRow = z
  .object({
    id: z.string(),
    type: z.string(),
    rule: z.string(),
    codes: names,
    subjects: names,
    scope: scopeField.transform(toScope),
    justification: z.string(),
    controls: names,
    valid_from: instant,
    valid_until: instant,
    renews: z.string().nullable(),
    renewal: whole,
    requested_by: z.string(),
    requested_at: instant,
    revoked_at: instant.nullable(),
    revoked_by: z.string().nullable(),
    revoke_reason: z.string().nullable(),
    approvals: z.array(z.object({ person: z.string(), at: instant })),
    uses: whole,
  })
  .transform((row): RegisteredExemption => ({
    exemption: {
      id: row.id,
      rule: row.rule,
      codes: row.codes,
      subjects: row.subjects,
      scope: row.scope,
      justification: row.justification,
      from: row.valid_from,
      until: row.valid_until,
      requestedBy: row.requested_by,
      approvedBy: row.approvals.map(({ person }) => person),
      controls: row.controls,
      revokedAt: row.revoked_at,
    },
    type: row.type,
    renews: row.renews,
    renewal: row.renewal,
    requestedAt: row.requested_at,
    approvals: row.approvals,
    revoked:
      row.revoked_at === null
        ? null
        : { at: row.revoked_at, by: row.revoked_by ?? "", reason: row.revoke_reason ?? "" },
    uses: row.uses,
  }));

const registered = sql`e.*,
  (select coalesce(jsonb_agg(jsonb_build_object('person', a.person, 'at', a.at) order by a.at, a.person), '[]')
    from exemption_approval a where a.exemption_id = e.id) as approvals,
  (select count(*) from deviation_use u where u.deviation = e.id) as uses`;

/** The id that it got. */
export async function insertExemption(client: Queryable, draft: ExemptionDraft): Promise<string> {
  const added = await queryOne(
    client,
    sql`insert into exemption (type, rule, codes, subjects, scope, justification, controls, valid_from, valid_until,
          renews, renewal, requested_by, requested_at)
        values (${draft.type}, ${draft.rule}, ${draft.codes}, ${draft.subjects}, ${JSON.stringify(draft.scope)},
                ${draft.justification}, ${draft.controls}, ${toTimestamp(draft.from)}, ${toTimestamp(draft.until)},
                ${draft.renews}, ${draft.renewal}, ${draft.requestedBy}, ${toTimestamp(draft.requestedAt)})
        returning id`,
    newId,
  );
  if (added === null) throw new Error("an insertion returns its row");
  return added.id;
}

/** Locks the row until the transaction ends. */
export async function findExemption(client: Queryable, id: string): Promise<RegisteredExemption | null> {
  await execute(client, sql`select from exemption where id = ${id} for update`);
  return readExemption(client, id);
}

export async function readExemption(client: Queryable, id: string): Promise<RegisteredExemption | null> {
  return queryOne(client, sql`select ${registered} from exemption e where e.id = ${id}`, exemptionRow);
}

/** The exemption that follows upon this one; null when none does. */
export async function renewalOf(client: Queryable, id: string): Promise<string | null> {
  return (await queryOne(client, sql`select id from exemption where renews = ${id}`, newId))?.id ?? null;
}

/** As many as a rule has had in years; those that ended before are no renewals of anything new. */
const maxApproved = 1_000;

/** Exemptions of the rule that somebody has approved, the last to end first. */
export async function approvedOf(client: Queryable, rule: string): Promise<readonly RegisteredExemption[]> {
  return query(
    client,
    sql`select ${registered} from exemption e
        where e.rule = ${rule} and exists (select from exemption_approval a where a.exemption_id = e.id)
        order by e.valid_until desc, e.id limit ${maxApproved}`,
    exemptionRow,
  );
}

/** False when the person had approved it before. */
export async function approveExemption(
  client: Queryable,
  id: string,
  person: string,
  at: Temporal.Instant,
): Promise<boolean> {
  const added = await execute(
    client,
    sql`insert into exemption_approval (exemption_id, person, at) values (${id}, ${person}, ${toTimestamp(at)})
        on conflict (exemption_id, person) do nothing`,
  );
  return added === 1;
}

export async function revokeExemption(client: Queryable, id: string, { at, by, reason }: Revocation): Promise<void> {
  await execute(
    client,
    sql`update exemption set revoked_at = ${toTimestamp(at)}, revoked_by = ${by}, revoke_reason = ${reason}
        where id = ${id} and revoked_at is null`,
  );
}

/** Exemptions that have not ended at the instant, approved or not. */
export async function countExemptions(client: Queryable, at: Temporal.Instant): Promise<number> {
  const found = await queryOne(
    client,
    sql`select count(*) as found from exemption
        where valid_until > ${toTimestamp(at)} and (revoked_at is null or revoked_at > ${toTimestamp(at)})`,
    z.object({ found: whole }),
  );
  return found?.found ?? 0;
}

export interface ExemptionFilter {
  /** Only what has not ended at this instant; null: all that ever were. */
  readonly openAt: Temporal.Instant | null;
  readonly limit: number;
  readonly cursor: string | null;
}

export interface Listed<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

const cursorKey = z.tuple([instant, z.string()]);

/** Newest first; the cursor is the last row's (requested_at, id). */
export async function listExemptions(
  client: Queryable,
  { openAt, limit, cursor }: ExemptionFilter,
): Promise<Listed<RegisteredExemption>> {
  const key = cursor === null ? null : cursorKey.safeParse(decodeCursor(cursor));
  if (key !== null && !key.success) return { items: [], next: null };
  const after =
    key === null ? sql`true` : sql`(e.requested_at, e.id) < (${toTimestamp(key.data[0])}::timestamptz, ${key.data[1]})`;
  const shown = openAt === null ? sql`true` : openOnly(toTimestamp(openAt));
  const found = await query(
    client,
    sql`select ${registered} from exemption e where ${after} and ${shown}
        order by e.requested_at desc, e.id desc limit ${limit + 1}`,
    exemptionRow,
  );
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (found.length <= limit || last === undefined) return { items, next: null };
  return { items, next: encodeCursor([last.requestedAt.toString(), last.exemption.id]) };
}

function openOnly(at: string): Statement {
  return sql`e.valid_until > ${at} and (e.revoked_at is null or e.revoked_at > ${at})`;
}

const overrideRow = z
  .object({
    id: z.string(),
    deployment_id: z.string(),
    rule: z.string(),
    code: z.string(),
    subjects: names.nullable(),
    content_digest: z.string(),
    person: z.string(),
    used_right: z.string(),
    reason: z.string(),
    at: instant,
    until: instant,
  })
  .transform(
    ({
      deployment_id: deployment,
      content_digest: contentDigest,
      person: by,
      used_right: right,
      subjects,
      ...read
    }): Override => ({
      ...read,
      subjects: subjects ?? undefined,
      deployment,
      contentDigest,
      by,
      right,
    }),
  );

/** With the id that it got. */
export async function insertOverride(client: Queryable, draft: OverrideDraft): Promise<Override> {
  const added = await queryOne(
    client,
    sql`insert into finding_override (deployment_id, rule, code, subjects, content_digest, person, used_right, reason, at,
                                      until)
        values (${draft.deployment}, ${draft.rule}, ${draft.code}, ${draft.subjects ?? null}, ${draft.contentDigest},
                ${draft.by}, ${draft.right}, ${draft.reason}, ${toTimestamp(draft.at)}, ${toTimestamp(draft.until)})
        returning *`,
    overrideRow,
  );
  if (added === null) throw new Error("an insertion returns its row");
  return added;
}

/** Newest first; of one deployment or of all. */
export async function listOverrides(
  client: Queryable,
  deployment: string | null,
  limit: number,
): Promise<readonly Override[]> {
  const which = deployment === null ? sql`true` : sql`deployment_id = ${deployment}`;
  return query(
    client,
    sql`select * from finding_override where ${which} order by at desc, id desc limit ${limit}`,
    overrideRow,
  );
}

/** Each use of each verdict once, however often it is written. */
export async function insertUses(client: Queryable, uses: readonly DeviationUse[]): Promise<void> {
  for (const use of uses) {
    await execute(
      client,
      sql`insert into deviation_use (deviation, kind, rule, deployment_id, verdict_id, gate, person, at)
          values (${use.deviation}, ${use.kind}, ${use.rule}, ${use.deployment}, ${use.verdict}, ${use.gate},
                  ${use.person}, ${toTimestamp(use.at)})
          on conflict (deviation, verdict_id, rule) do nothing`,
    );
  }
}

const useRow = z
  .object({
    deviation: z.string(),
    kind: z.enum(["exemption", "override"]),
    rule: z.string(),
    deployment_id: z.string(),
    verdict_id: z.string(),
    gate: z.string(),
    person: z.string().nullable(),
    at: instant,
    service: z.string(),
    version: z.string(),
    environment: z.string(),
  })
  .transform(({ deployment_id: deployment, verdict_id: verdict, ...read }): RegisteredUse => ({
    ...read,
    deployment,
    verdict,
  }));

/** Uses in order, of one exemption or override or of all. */
export async function listUses(
  client: Queryable,
  deviation: string | null,
  limit: number,
): Promise<readonly RegisteredUse[]> {
  const which = deviation === null ? sql`true` : sql`u.deviation = ${deviation}`;
  return query(
    client,
    sql`select u.*, b.service, b.version, b.environment from deviation_use u
        join deployment d on d.id = u.deployment_id join booking b on b.id = d.booking_id
        where ${which} order by u.seq limit ${limit}`,
    useRow,
  );
}

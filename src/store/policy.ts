import { z } from "zod";
import { storedDocument, type Document } from "#config/document.ts";
import type { JsonObject } from "#config/json.ts";
import { deploymentStates, type DeploymentState } from "#core/rollout/state.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { instant, toTimestamp } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable, type Statement } from "./sql.ts";

/** A document of kind Policy as it was in force from `from` to, not at, `to`. */
export interface StoredPolicy {
  readonly document: Document;
  /** Digest of its content, equal to the version that verdicts cite. */
  readonly version: string;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant | null;
  readonly appliedBy: string;
  /** `path:line` where it was written. */
  readonly place: string;
}

/** More versions of one policy than a page shows. */
const maxVersions = 200;

const policyRow = z
  .object({
    name: z.string(),
    description: z.string().nullable(),
    spec: z.record(z.string(), z.json()),
    digest: z.string(),
    place: z.string(),
    valid_from: instant,
    valid_to: instant.nullable(),
    applied_by: z.string(),
  })
  .transform((row): StoredPolicy => ({
    document: storedDocument("Policy", row.name, row.spec satisfies JsonObject, row.description),
    version: row.digest,
    from: row.valid_from,
    to: row.valid_to,
    appliedBy: row.applied_by,
    place: row.place,
  }));

/** Every policy in force, by name. */
export async function policiesInForce(client: Queryable): Promise<readonly StoredPolicy[]> {
  return query(client, policies(sql`valid_to is null order by name`), policyRow);
}

/** All versions of one policy, the newest first; empty when there never was one. */
export async function policyVersions(client: Queryable, name: string): Promise<readonly StoredPolicy[]> {
  return query(client, policies(sql`name = ${name} order by valid_from desc limit ${maxVersions}`), policyRow);
}

function policies(which: Statement): Statement {
  return sql`select name, description, spec, digest, place, valid_from, valid_to, applied_by
             from document where kind = 'Policy' and ${which}`;
}

/** A verdict at the gate of a request, a pipeline or a start, with what became of the work. */
export interface AdmissionVerdict {
  readonly id: string;
  readonly at: Temporal.Instant;
  readonly deployment: string | null;
  /** Canonical texts, as they were stored. */
  readonly verdict: string;
  readonly facts: string;
  readonly zoneData: string;
  /** The last one at such a gate of its deployment: the one by which it is counted. */
  readonly isLast: boolean;
  readonly state: DeploymentState | null;
}

/** In the words of the index `verdict_admitted`. */
const isAdmission = sql`gate in ('request', 'gate', 'start')`;

const admissionRow = z
  .object({
    id: z.string(),
    at: instant,
    deployment_id: z.string().nullable(),
    verdict: z.string(),
    facts: z.string(),
    zone_data: z.string(),
    is_last: z.boolean(),
    state: z.enum(deploymentStates).nullable(),
  })
  .transform(({ deployment_id: deployment, zone_data: zoneData, is_last: isLast, ...row }): AdmissionVerdict => ({
    ...row,
    deployment,
    zoneData,
    isLast,
  }));

const place = z.tuple([z.iso.datetime({ offset: true }), z.string()]);

/** Verdicts of `[since, until)` in order, from after the cursor; `next` leads on from the last of them. */
export async function admissionVerdicts(
  client: Queryable,
  asked: { readonly since: Temporal.Instant; readonly until: Temporal.Instant; readonly after: string | null },
  limit: number,
): Promise<readonly (AdmissionVerdict & { readonly next: string })[]> {
  const after = asked.after === null ? null : place.safeParse(decodeCursor(asked.after));
  if (after !== null && !after.success) return [];
  const [at, id] = after === null ? [toTimestamp(asked.since), ""] : after.data;
  const found = await query(
    client,
    sql`select v.id, v.at, v.deployment_id, v.verdict, whole_facts(v.facts) as facts, v.zone_data, d.state,
          not exists (select from verdict l where l.deployment_id = v.deployment_id and l.${isAdmission}
                      and (l.at, l.id) > (v.at, v.id)) as is_last
        from verdict v left join deployment d on d.id = v.deployment_id
        where v.${isAdmission} and (v.at, v.id) > (${at}::timestamptz, ${id})
          and v.at >= ${toTimestamp(asked.since)} and v.at < ${toTimestamp(asked.until)}
        order by v.at, v.id limit ${limit}`,
    admissionRow,
  );
  return found.map((row) => ({ ...row, next: encodeCursor([toTimestamp(row.at), row.id]) }));
}

/** How many there are to judge: for the progress of a long back-test. */
export async function countAdmissionVerdicts(
  client: Queryable,
  { since, until }: { readonly since: Temporal.Instant; readonly until: Temporal.Instant },
): Promise<number> {
  const counted = await query(
    client,
    sql`select count(*)::int as count from verdict
        where ${isAdmission} and at >= ${toTimestamp(since)} and at < ${toTimestamp(until)}`,
    z.object({ count: z.int() }),
  );
  return counted[0]?.count ?? 0;
}

/** One back-test at a time in all processes; the session has the turn until it leaves or ends. False: another one has it. */
export async function enterBackTest(client: Queryable): Promise<boolean> {
  const taken = sql`select pg_try_advisory_lock(hashtextextended('back-test', 0)) as taken`;
  return (await queryOne(client, taken, z.object({ taken: z.boolean() })))?.taken === true;
}

export async function leaveBackTest(client: Queryable): Promise<void> {
  await execute(client, sql`select pg_advisory_unlock(hashtextextended('back-test', 0))`);
}

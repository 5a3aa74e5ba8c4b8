import { z } from "zod";
import type { DeploymentId } from "#core/id.ts";
import { deploymentId, instant } from "./row.ts";
import { query, sql, type Queryable } from "./sql.ts";

/** A run, or what it left behind, that a person has been asked about and has not answered. */
export interface AskedRun {
  readonly deployment: DeploymentId;
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  /** Person who asked for it. */
  readonly requestedBy: string;
  /** As people were told. */
  readonly sentence: string;
  readonly since: Temporal.Instant;
  /** When it is decided by itself, or asked again; null: nobody has said. */
  readonly until: Temporal.Instant | null;
}

const row = z
  .object({
    id: deploymentId,
    service: z.string(),
    version: z.string(),
    environment: z.string(),
    requested_by: z.string(),
    sentence: z.string(),
    since: instant,
    until: instant.nullable(),
  })
  .transform(({ id, requested_by: requestedBy, ...read }): AskedRun => ({ ...read, deployment: id, requestedBy }));

/** Runs on hold about which no decision by a protocol is open; those that are decided by themselves first come first. */
export function heldRuns(client: Queryable, limit: number): Promise<readonly AskedRun[]> {
  return query(
    client,
    sql`select d.id, d.service, d.version, d.environment, b.requested_by, d.held as sentence,
               h.at as since, h.until
        from deployment d join booking b on b.id = d.booking_id
        join lateral (
          select t.at, (t.detail ->> 'until')::timestamptz as until from timeline_event t
          where t.deployment_id = d.id and t.step = 'wait' and t.phase = 'started' order by t.seq desc limit 1) h on true
        where d.state = 'running' and d.held is not null
          and not exists (select from rollback_decision r where r.deployment_id = d.id and r.ended_at is null)
        order by h.until, d.id limit ${limit}`,
    row,
  );
}

/** Versions left running whose sessions somebody was asked about last, and has not decided since. */
export function askedSessions(client: Queryable, limit: number): Promise<readonly AskedRun[]> {
  return query(
    client,
    sql`select d.id, l.service, l.version, l.environment, b.requested_by, q.sentence,
               q.at as since, l.ask_at as until
        from left_version l join deployment d on d.id = l.deployment_id join booking b on b.id = d.booking_id
        join lateral (
          select t.at, t.sentence, t.detail ? 'told' as is_question from timeline_event t
          where t.deployment_id = d.id and starts_with(t.name, 'sessions of ' || l.version || ', ')
          order by t.seq desc limit 1) q on q.is_question
        where l.ended_at is null and l.asked > 0 and l.end_wanted_by is null
        order by l.left_at desc, d.id limit ${limit}`,
    row,
  );
}

import { z } from "zod";
import type { Reason } from "#core/calendar/advice/reasons.ts";
import type { DeploymentId } from "#core/id.ts";
import type { AgreedSlot } from "#core/policy/facts.ts";
import { deploymentId, instant, toTimestamp, whole } from "./row.ts";
import { execute, query, sql, type Queryable, type Statement } from "./sql.ts";

/** Positions kept for one deployment; beyond it people should talk. */
export const maxPositions = 200;

export interface StoredPosition {
  readonly id: string;
  readonly deployment: DeploymentId;
  readonly kind: "proposed" | "accepted" | "withdrawn";
  /** The proposal that is meant; its own id for a proposal. */
  readonly proposal: string;
  readonly person: string;
  readonly at: Temporal.Instant;
  readonly reason: string | null;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
  readonly score: number;
  readonly reasons: readonly Reason[];
  readonly delta: number | null;
}

const reasonCodes = [
  "load",
  "load-unknown",
  "neighbours-free",
  "neighbours-busy",
  "no-neighbours",
  "room-to-go-back",
  "way-back-unknown",
] as const satisfies readonly Reason["code"][];

const row = z.object({
  id: z.string(),
  deployment: deploymentId,
  kind: z.enum(["proposed", "accepted", "withdrawn"]),
  proposal: z.string(),
  person: z.string(),
  at: instant,
  reason: z.string().nullable(),
  from: instant,
  to: instant,
  score: whole,
  reasons: z.array(z.object({ code: z.enum(reasonCodes), sentence: z.string(), weight: z.number() })),
  delta: whole.nullable(),
}) satisfies z.ZodType<StoredPosition>;

export async function insertPosition(client: Queryable, position: StoredPosition): Promise<void> {
  await execute(
    client,
    sql`insert into slot_position (id, deployment_id, kind, proposal_id, person, at, reason, from_at, to_at, score,
                                   reasons, delta)
        values (${position.id}, ${position.deployment}, ${position.kind}, ${position.proposal}, ${position.person},
                ${toTimestamp(position.at)}, ${position.reason}, ${toTimestamp(position.from)},
                ${toTimestamp(position.to)}, ${position.score}, ${JSON.stringify(position.reasons)}, ${position.delta})`,
  );
}

/** All positions about a deployment, in the order in which they were taken. */
export async function positionsOf(client: Queryable, id: DeploymentId): Promise<readonly StoredPosition[]> {
  return query(
    client,
    sql`select id, deployment_id as deployment, kind, proposal_id as proposal, person, at, reason, from_at as "from",
               to_at as "to", score, reasons, delta
        from slot_position where deployment_id = ${id} order by seq limit ${maxPositions}`,
    row,
  );
}

export const storedAgreement = z
  .object({ id: z.string(), from: instant, to: instant, acceptedBy: z.string() })
  .nullable() satisfies z.ZodType<AgreedSlot | null>;

/** One jsonb value or null: the slot that was accepted last for a deployment and is not withdrawn, as of an instant. */
export function agreedFor(deployment: Statement, at: string): Statement {
  return sql`(select jsonb_build_object('id', p.id, 'from', p.from_at, 'to', p.to_at, 'acceptedBy', a.person)
      from slot_position a join slot_position p on p.id = a.proposal_id
      where a.deployment_id = ${deployment} and a.kind = 'accepted' and a.at <= ${at}
        and not exists (select from slot_position w where w.proposal_id = a.proposal_id and w.kind = 'withdrawn'
                          and w.seq > a.seq and w.at <= ${at})
      order by a.seq desc limit 1)`;
}

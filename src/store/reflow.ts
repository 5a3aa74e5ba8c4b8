import { z } from "zod";
import { reflowKinds, type ReflowKind } from "#core/calendar/business/reflow.ts";
import type { BookingId, DeploymentId } from "#core/id.ts";
import type { Subject } from "#core/policy/facts.ts";
import type { Span } from "#core/span.ts";
import { deploymentColumns, deploymentWithBooking, parseDeployment } from "./deployment.ts";
import { deploymentId, instant, toTimestamp, toTimestampOrNull, whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable, type Statement } from "./sql.ts";

const itemStates = ["open", "accepted", "declined", "outdated"] as const;
export type StoredItemState = (typeof itemStates)[number];

export interface StoredItem {
  readonly position: number;
  readonly kind: ReflowKind;
  readonly deployment: DeploymentId;
  readonly event: string;
  readonly oldSlot: Span;
  readonly newSlot: Span | null;
  readonly sentence: string;
  readonly state: StoredItemState;
  readonly decidedBy: string | null;
  readonly decidedAt: Temporal.Instant | null;
}

export interface StoredReflow {
  readonly id: string;
  readonly calendar: string;
  readonly at: Temporal.Instant;
  readonly sentence: string;
  readonly items: readonly StoredItem[];
}

export type StoredMove = Omit<StoredItem, "position" | "state" | "decidedBy" | "decidedAt">;

export interface StoredOpenBooking {
  readonly deployment: DeploymentId;
  readonly booking: BookingId;
  readonly subject: Subject;
  readonly isQueued: boolean;
  readonly planned: Span;
}

const itemColumns = sql`position, kind, deployment_id as deployment, event, old_from, old_to, new_from, new_to, sentence,
  state, decided_by, decided_at`;

const itemRow = z
  .object({
    position: whole,
    kind: z.enum(reflowKinds),
    deployment: deploymentId,
    event: z.string(),
    old_from: instant,
    old_to: instant,
    new_from: instant.nullable(),
    new_to: instant.nullable(),
    sentence: z.string(),
    state: z.enum(itemStates),
    decided_by: z.string().nullable(),
    decided_at: instant.nullable(),
  })
  .transform((row): StoredItem => ({
    position: row.position,
    kind: row.kind,
    deployment: row.deployment,
    event: row.event,
    oldSlot: { from: row.old_from, to: row.old_to },
    newSlot: row.new_from === null || row.new_to === null ? null : { from: row.new_from, to: row.new_to },
    sentence: row.sentence,
    state: row.state,
    decidedBy: row.decided_by,
    decidedAt: row.decided_at,
  }));

const reflowRow = z.object({ id: z.string(), calendar: z.string(), at: instant, sentence: z.string() });

export async function insertReflow(
  client: Queryable,
  reflow: Omit<StoredReflow, "items">,
  moves: readonly StoredMove[],
): Promise<void> {
  const { id, calendar, sentence } = reflow;
  await execute(
    client,
    sql`insert into reflow (id, calendar, at, sentence) values (${id}, ${calendar}, ${toTimestamp(reflow.at)}, ${sentence})`,
  );
  const rows = moves.map((move, index) => ({
    position: index + 1,
    kind: move.kind,
    deployment_id: move.deployment,
    event: move.event,
    old_from: toTimestamp(move.oldSlot.from),
    old_to: toTimestamp(move.oldSlot.to),
    new_from: toTimestampOrNull(move.newSlot?.from),
    new_to: toTimestampOrNull(move.newSlot?.to),
    sentence: move.sentence,
  }));
  await execute(
    client,
    sql`insert into reflow_item (reflow_id, position, kind, deployment_id, event, old_from, old_to, new_from, new_to, sentence)
        select ${id}, r.* from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          as r(position integer, kind text, deployment_id text, event text, old_from timestamptz, old_to timestamptz,
               new_from timestamptz, new_to timestamptz, sentence text)`,
  );
}

/** With its items, which stay locked until the transaction ends. */
export async function findReflow(client: Queryable, id: string): Promise<StoredReflow | null> {
  return withItems(client, id, sql`for update`);
}

async function withItems(client: Queryable, id: string, locking: Statement): Promise<StoredReflow | null> {
  const found = await queryOne(client, sql`select id, calendar, at, sentence from reflow where id = ${id}`, reflowRow);
  if (found === null) return null;
  const items = sql`select ${itemColumns} from reflow_item where reflow_id = ${id} order by position ${locking}`;
  return { ...found, items: await query(client, items, itemRow) };
}

/** Newest first, at most `limit`. */
export async function reflows(client: Queryable, limit: number): Promise<readonly StoredReflow[]> {
  const found = await query(
    client,
    sql`select id, calendar, at, sentence from reflow order by at desc, id desc limit ${limit}`,
    reflowRow,
  );
  const complete: StoredReflow[] = [];
  for (const { id } of found) {
    const reflow = await withItems(client, id, sql``);
    if (reflow !== null) complete.push(reflow);
  }
  return complete;
}

/** Throws when the item is not open any more: a decision is final. */
export async function decideItem(
  client: Queryable,
  reflow: string,
  position: number,
  decision: { readonly state: StoredItemState; readonly by: string | null; readonly at: Temporal.Instant },
): Promise<void> {
  const decided = await execute(
    client,
    sql`update reflow_item set state = ${decision.state}, decided_by = ${decision.by}, decided_at = ${toTimestamp(decision.at)}
        where reflow_id = ${reflow} and position = ${position} and state = 'open'`,
  );
  if (decided !== 1) throw new Error(`item ${position} of ${reflow} is not open`);
}

export async function outdateItems(
  client: Queryable,
  deployments: readonly DeploymentId[],
  at: Temporal.Instant,
): Promise<void> {
  await execute(
    client,
    sql`update reflow_item set state = 'outdated', decided_at = ${toTimestamp(at)}
        where state = 'open' and deployment_id = any(${[...deployments]}::text[])`,
  );
}

/** Accepted because of one of the events, the newest of each deployment, whose work waits still. */
export async function acceptedMoves(client: Queryable, events: readonly string[]): Promise<readonly StoredItem[]> {
  return query(
    client,
    sql`select * from (
          select distinct on (i.deployment_id) ${itemColumns} from reflow_item i
          where i.state = 'accepted' and exists (select from deployment d where d.id = i.deployment_id and d.state = 'waiting')
          order by i.deployment_id, i.decided_at desc, i.position) newest
        where event = any(${[...events]}::text[]) and kind <> 'restore' order by old_from, deployment`,
    itemRow,
  );
}

const plannedRow = z.object({ planned_from: instant, planned_to: instant });

/** Waiting work by planned start, at most `limit`. */
export async function openBookings(client: Queryable, limit: number): Promise<readonly StoredOpenBooking[]> {
  return query(
    client,
    sql`select ${deploymentColumns}, b.planned_from, b.planned_to from ${deploymentWithBooking}
        where d.state in ('waiting', 'queued') order by b.planned_from, d.id limit ${limit}`,
    (row) => {
      const { id, booking, subject, state } = parseDeployment(row);
      const planned = plannedRow.parse(row);
      const isQueued = state === "queued";
      return {
        deployment: id,
        booking,
        subject,
        isQueued,
        planned: { from: planned.planned_from, to: planned.planned_to },
      };
    },
  );
}

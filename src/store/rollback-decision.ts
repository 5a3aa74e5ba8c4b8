import { z } from "zod";
import type { DeploymentId } from "#core/id.ts";
import {
  decisionOptions,
  type DecisionEnd,
  type DecisionProtocol,
  type DecisionStatement,
  type RollbackDecision,
} from "#core/rollback/decision.ts";
import { instant, toTimestamp, toTimestampOrNull } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable, type Statement } from "./sql.ts";

/** Statements of one decision that are read; nobody says more in half an hour. */
const maxStatements = 200;
/** Decisions of one deployment that are shown, the newest. */
const maxDecisions = 20;

const duration = z.string().transform((text) => Temporal.Duration.from(text));
const protocol = z.object({
  decider: z.string(),
  deputy: z.string().nullable(),
  within: duration,
  whenSilent: z.enum(decisionOptions),
  firstMessage: duration,
  tell: z.array(z.string()),
  downtime: duration.nullable(),
  stakeholders: z.array(z.object({ who: z.string(), deputy: z.string().nullable() })),
  answerWithin: duration,
}) satisfies z.ZodType<DecisionProtocol>;

const statement = z.object({
  at: instant,
  person: z.string(),
  kind: z.enum(["objection", "answer", "decision"]),
  option: z.enum(decisionOptions).nullable(),
  text: z.string(),
}) satisfies z.ZodType<DecisionStatement>;

const row = z
  .object({
    id: z.string(),
    deployment_id: z.string(),
    cause: z.enum(["held", "alert"]),
    because: z.string(),
    opened_at: instant,
    protocol,
    sent: z.array(z.string()),
    ended_at: instant.nullable(),
    option: z.enum(decisionOptions).nullable(),
    decided_by: z.string().nullable(),
    statements: z.array(statement),
  })
  .transform((read): RollbackDecision => ({
    id: read.id,
    deployment: read.deployment_id,
    cause: read.cause,
    because: read.because,
    openedAt: read.opened_at,
    protocol: read.protocol,
    statements: read.statements,
    sent: read.sent,
    ended:
      read.ended_at === null || read.option === null
        ? null
        : { at: read.ended_at, option: read.option, by: read.decided_by },
  }));

const columns = sql`d.*, (select coalesce(jsonb_agg(to_jsonb(s) order by s.seq), '[]') from (
    select * from rollback_statement s where s.decision_id = d.id order by s.seq limit ${maxStatements}) s) as statements`;

function decisions(client: Queryable, where: Statement): Promise<readonly RollbackDecision[]> {
  return query(client, sql`select ${columns} from rollback_decision d ${where}`, row);
}

/** False when one is open for the deployment already: the clock of the first alert runs on. */
export async function insertDecision(
  client: Queryable,
  { id, deployment, cause, because, openedAt, protocol: given }: RollbackDecision,
  dueAt: Temporal.Instant | null,
): Promise<boolean> {
  const inserted = await execute(
    client,
    sql`insert into rollback_decision (id, deployment_id, cause, because, opened_at, protocol, due_at)
        values (${id}, ${deployment}, ${cause}, ${because}, ${toTimestamp(openedAt)}, ${JSON.stringify(given)}::jsonb,
                ${toTimestampOrNull(dueAt)})
        on conflict (deployment_id) where ended_at is null do nothing`,
  );
  return inserted === 1;
}

/** Locked until the transaction ends; null: none is open. */
export async function openDecisionOf(client: Queryable, deployment: DeploymentId): Promise<RollbackDecision | null> {
  return queryOne(
    client,
    sql`select ${columns} from rollback_decision d where d.deployment_id = ${deployment} and d.ended_at is null for update of d`,
    row,
  );
}

/** Newest first. */
export function decisionsOf(client: Queryable, deployment: DeploymentId): Promise<readonly RollbackDecision[]> {
  return decisions(
    client,
    sql`where d.deployment_id = ${deployment} order by d.opened_at desc, d.id limit ${maxDecisions}`,
  );
}

/** Of which something is due; locked, and skipping what another node has. */
export function dueDecisions(
  client: Queryable,
  now: Temporal.Instant,
  limit: number,
): Promise<readonly RollbackDecision[]> {
  return decisions(
    client,
    sql`where d.ended_at is null and d.due_at <= ${toTimestamp(now)} order by d.due_at, d.id limit ${limit}
        for update of d skip locked`,
  );
}

/** The clock that runs out first comes first. */
export function openDecisions(client: Queryable, limit: number): Promise<readonly RollbackDecision[]> {
  return decisions(client, sql`where d.ended_at is null order by d.opened_at, d.id limit ${limit}`);
}

export async function insertStatement(
  client: Queryable,
  decision: string,
  { at, person, kind, option, text }: DecisionStatement,
): Promise<void> {
  await execute(
    client,
    sql`insert into rollback_statement (decision_id, at, person, kind, option, text)
        values (${decision}, ${toTimestamp(at)}, ${person}, ${kind}, ${option}, ${text})`,
  );
}

/** What is out now, and when the next is due. */
export async function noteSent(
  client: Queryable,
  decision: string,
  keys: readonly string[],
  dueAt: Temporal.Instant | null,
): Promise<void> {
  await execute(
    client,
    sql`update rollback_decision set sent = sent || ${[...keys]}::text[], due_at = ${toTimestampOrNull(dueAt)}
        where id = ${decision} and ended_at is null`,
  );
}

export async function endDecision(client: Queryable, decision: string, { at, option, by }: DecisionEnd): Promise<void> {
  await execute(
    client,
    sql`update rollback_decision set ended_at = ${toTimestamp(at)}, option = ${option}, decided_by = ${by}, due_at = null
        where id = ${decision}`,
  );
}

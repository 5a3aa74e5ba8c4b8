import { z } from "zod";
import { runEnds, stepStates, type RunEnd } from "#core/plan/advance.ts";
import type { DeploymentId } from "#core/id.ts";
import type { StepNotes, Watch } from "#core/plan/notes.ts";
import { askedBy, protectedSteps } from "#core/plan/oversight.ts";
import { parts, type Part, type Plan } from "#core/plan/plan.ts";
import { watchColumns, watchOf, type StoredWatch } from "./plan-run-watch.ts";
import { deploymentId, instant, toTimestamp, toTimestampOrNull, whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable, type Statement } from "./sql.ts";

/** A run of a plan, as it is stored. */
export interface StoredRun extends StoredWatch {
  readonly id: string;
  readonly runbook: string;
  readonly version: string;
  readonly plan: Plan;
  readonly reason: string;
  readonly owner: string;
  readonly startedBy: string;
  readonly account: string;
  readonly state: "running" | RunEnd;
  readonly startedAt: Temporal.Instant;
  readonly turnAt: Temporal.Instant;
  readonly deadline: Temporal.Instant;
  readonly turned: { readonly by: string; readonly at: Temporal.Instant; readonly reason: string } | null;
  readonly endedAt: Temporal.Instant | null;
  readonly outcome: string | null;
  readonly requestKey: string | null;
  readonly priority: number;
}

type Form = Readonly<Record<string, string | number | boolean>>;

export interface StoredStep {
  readonly run: string;
  readonly part: Part;
  readonly name: string;
  readonly state: (typeof stepStates)[number];
  readonly begunAt: Temporal.Instant;
  readonly deadline: Temporal.Instant;
  readonly lookAt: Temporal.Instant | null;
  readonly deployment: DeploymentId | null;
  readonly endedAt: Temporal.Instant | null;
  readonly outcome: string | null;
  readonly answer: { readonly by: string; readonly form: Form } | null;
  readonly notes: StepNotes | null;
  readonly watches: Watch | null;
}

/** What a step keeps; absent or null: as it is. */
export interface StoredKept {
  readonly notes?: StepNotes | null;
  readonly watches?: Watch | null;
}

export type StoredBegin = Pick<StoredStep, "run" | "part" | "name" | "begunAt" | "deadline" | "deployment"> &
  StoredKept & {
    readonly state: "queued" | "running";
    readonly lookAt: Temporal.Instant;
  };

/** How a step ended. */
export interface StoredStepEnd {
  readonly state: Exclude<(typeof stepStates)[number], "queued" | "running">;
  readonly outcome: string;
  readonly answer?: { readonly by: string; readonly form: Form };
  readonly notes?: StepNotes;
}

export type StoredStepId = Pick<StoredStep, "run" | "part" | "name">;

/** What was written from a plan that was checked; a plan that does not look like one is refused. */
const plan = z.custom<Plan>(
  (value) =>
    z.object({ steps: z.array(z.object({ name: z.string() })), rollback: z.array(z.unknown()) }).safeParse(value)
      .success,
);

export const runRow = z
  .object({
    id: z.string(),
    runbook: z.string(),
    version: z.string(),
    plan,
    reason: z.string(),
    owner: z.string(),
    started_by: z.string(),
    account: z.string(),
    state: z.enum(["running", ...runEnds]),
    started_at: instant,
    turn_at: instant,
    deadline: instant,
    turned_by: z.string().nullable(),
    turned_at: instant.nullable(),
    turn_reason: z.string().nullable(),
    ended_at: instant.nullable(),
    outcome: z.string().nullable(),
    request_key: z.string().nullable(),
    priority: whole,
    ...watchColumns,
  })
  .transform(({ turned_by: by, turned_at: at, turn_reason: why, ...read }): StoredRun => ({
    id: read.id,
    runbook: read.runbook,
    version: read.version,
    plan: read.plan,
    reason: read.reason,
    owner: read.owner,
    startedBy: read.started_by,
    account: read.account,
    state: read.state,
    startedAt: read.started_at,
    turnAt: read.turn_at,
    deadline: read.deadline,
    turned: by === null || at === null || why === null ? null : { by, at, reason: why },
    endedAt: read.ended_at,
    outcome: read.outcome,
    requestKey: read.request_key,
    priority: read.priority,
    ...watchOf(read),
  }));

const stepRow = z
  .object({
    run_id: z.string(),
    part: z.enum(parts),
    name: z.string(),
    state: z.enum(stepStates),
    begun_at: instant,
    deadline: instant,
    look_at: instant.nullable(),
    deployment_id: deploymentId.nullable(),
    ended_at: instant.nullable(),
    outcome: z.string().nullable(),
    answered_by: z.string().nullable(),
    answer: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullable(),
    notes: z.custom<StepNotes>((value) => typeof value === "object").nullable(),
    watched_environment: z.string().nullable(),
    watched_services: z.array(z.string()).nullable(),
    watched_digests: z.array(z.string()).nullable(),
  })
  .transform((read): StoredStep => ({
    run: read.run_id,
    part: read.part,
    name: read.name,
    state: read.state,
    begunAt: read.begun_at,
    deadline: read.deadline,
    lookAt: read.look_at,
    deployment: read.deployment_id,
    endedAt: read.ended_at,
    outcome: read.outcome,
    answer: read.answered_by === null || read.answer === null ? null : { by: read.answered_by, form: read.answer },
    notes: read.notes,
    watches:
      read.watched_environment === null
        ? null
        : {
            environment: read.watched_environment,
            services: read.watched_services ?? [],
            digests: read.watched_digests ?? [],
          },
  }));

export async function insertRun(client: Queryable, run: StoredRun): Promise<void> {
  await execute(
    client,
    sql`insert into plan_run (id, runbook, version, plan, reason, owner, started_by, account, started_at, turn_at,
                              deadline, request_key, priority, services, overseer_asked, protected_steps, asking,
                              usual_seconds, alert_at)
        values (${run.id}, ${run.runbook}, ${run.version}, ${JSON.stringify(run.plan)}, ${run.reason}, ${run.owner},
                ${run.startedBy}, ${run.account}, ${toTimestamp(run.startedAt)}, ${toTimestamp(run.turnAt)},
                ${toTimestamp(run.deadline)}, ${run.requestKey}, ${run.priority}, ${[...run.services]},
                ${run.oversight?.asked ?? null}, ${[...protectedSteps(run.plan)]},
                ${JSON.stringify(Object.fromEntries(askedBy(run.plan)))}, ${run.usualSeconds},
                ${toTimestampOrNull(run.alertAt)})`,
  );
}

export async function findRun(client: Queryable, id: string): Promise<StoredRun | null> {
  return queryOne(client, sql`select * from plan_run where id = ${id}`, runRow);
}

/** In no order; those that there are. */
export async function findRuns(client: Queryable, ids: readonly string[]): Promise<readonly StoredRun[]> {
  return query(client, sql`select * from plan_run where id = any(${[...ids]})`, runRow);
}

/** Locks the row until the transaction ends. */
export async function findRunForUpdate(client: Queryable, id: string): Promise<StoredRun | null> {
  return queryOne(client, sql`select * from plan_run where id = ${id} for update`, runRow);
}

/** Those that nobody else has in hand; locked until the transaction ends. */
export async function runsForUpdate(client: Queryable, ids: readonly string[]): Promise<readonly StoredRun[]> {
  return query(client, sql`select * from plan_run where id = any(${ids}) order by id for update skip locked`, runRow);
}

/** Each run's in the order in which they began. */
export async function stepsOfRuns(client: Queryable, ids: readonly string[]): Promise<readonly StoredStep[]> {
  return query(client, sql`select * from plan_step where run_id = any(${ids}) order by seq`, stepRow);
}

export async function findRequestedRun(client: Queryable, key: string): Promise<StoredRun | null> {
  return queryOne(client, sql`select * from plan_run where request_key = ${key}`, runRow);
}

export async function countRuns(client: Queryable): Promise<number> {
  const row = z.object({ found: whole });
  return (await queryOne(client, sql`select count(*) as found from plan_run where state = 'running'`, row))?.found ?? 0;
}

export async function turnRun(client: Queryable, id: string, turned: NonNullable<StoredRun["turned"]>): Promise<void> {
  await execute(
    client,
    sql`update plan_run set turned_by = ${turned.by}, turned_at = ${toTimestamp(turned.at)}, turn_reason = ${turned.reason}
        where id = ${id}`,
  );
}

export async function handOverRun(client: Queryable, id: string, owner: string): Promise<void> {
  await execute(client, sql`update plan_run set owner = ${owner} where id = ${id}`);
}

export async function endRun(
  client: Queryable,
  id: string,
  end: { readonly state: RunEnd; readonly at: Temporal.Instant; readonly outcome: string },
): Promise<void> {
  await execute(
    client,
    sql`update plan_run set state = ${end.state}, ended_at = ${toTimestamp(end.at)}, outcome = ${end.outcome} where id = ${id}`,
  );
}

export async function pauseRun(client: Queryable, id: string, until: Temporal.Instant): Promise<void> {
  await execute(
    client,
    sql`update plan_run set paused_until = ${toTimestamp(until)} where id = ${id} and state = 'running'`,
  );
}

/** Runs with a step to look at, that have to turn back or are late, the longest due first. */
export async function dueRuns(client: Queryable, now: Temporal.Instant, limit: number): Promise<readonly string[]> {
  const at = toTimestamp(now);
  const found = await query(
    client,
    sql`select r.id from (
          select run_id as id, min(look_at) as since from plan_step
            where state in ('queued', 'running') and look_at <= ${at} group by run_id
          union all
          select id, turn_at from plan_run where state = 'running' and turned_by is null and turn_at <= ${at}
          union all
          select id, alert_at from plan_run
            where state = 'running' and turned_by is null and overrun_at is null and alert_at <= ${at}) due
        join plan_run r on r.id = due.id and r.state = 'running' and coalesce(r.paused_until <= ${at}, true)
        group by r.id order by min(due.since), r.id limit ${limit}`,
    z.object({ id: z.string() }),
  );
  return found.map(({ id }) => id);
}

/** In the order in which they began. */
export async function stepsOfRun(client: Queryable, id: string): Promise<readonly StoredStep[]> {
  return query(client, sql`select * from plan_step where run_id = ${id} order by seq`, stepRow);
}

export async function beginStep(client: Queryable, step: StoredBegin): Promise<void> {
  await execute(
    client,
    sql`insert into plan_step (run_id, part, name, state, begun_at, deadline, look_at, deployment_id, notes,
                               watched_environment, watched_services, watched_digests)
        values (${step.run}, ${step.part}, ${step.name}, ${step.state}, ${toTimestamp(step.begunAt)}, ${toTimestamp(step.deadline)},
                ${toTimestamp(step.lookAt)}, ${step.deployment}, ${jsonOrNull(step.notes)},
                ${step.watches?.environment ?? null}, ${listOrNull(step.watches?.services)}, ${listOrNull(step.watches?.digests)})`,
  );
}

/** A step in the queue begins its work. */
export async function resumeStep(client: Queryable, step: Omit<StoredBegin, "state">): Promise<void> {
  await execute(
    client,
    sql`update plan_step set state = 'running', begun_at = ${toTimestamp(step.begunAt)}, deadline = ${toTimestamp(step.deadline)},
          look_at = ${toTimestamp(step.lookAt)}, deployment_id = ${step.deployment}, ${keeping(step)}
        where run_id = ${step.run} and part = ${step.part} and name = ${step.name}`,
  );
}

/** A step in the queue is looked at at once. */
export async function wakeQueuedStep(client: Queryable, step: StoredStepId, at: Temporal.Instant): Promise<void> {
  await execute(
    client,
    sql`update plan_step set look_at = least(look_at, ${toTimestamp(at)})
        where run_id = ${step.run} and part = ${step.part} and name = ${step.name} and state = 'queued'`,
  );
}

/** What a step keeps, where it is given. */
function keeping({ notes, watches }: StoredKept): Statement {
  return sql`notes = coalesce(${jsonOrNull(notes)}::jsonb, notes),
    watched_environment = coalesce(${watches?.environment ?? null}, watched_environment),
    watched_services = coalesce(${listOrNull(watches?.services)}::text[], watched_services),
    watched_digests = coalesce(${listOrNull(watches?.digests)}::text[], watched_digests)`;
}

function jsonOrNull(value: StepNotes | null | undefined): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

function listOrNull(list: readonly string[] | undefined): string[] | null {
  return list === undefined ? null : [...list];
}

export async function lookAgainAtStep(
  client: Queryable,
  step: StoredStepId,
  at: Temporal.Instant,
  kept: StoredKept = {},
): Promise<void> {
  await execute(
    client,
    sql`update plan_step set look_at = ${toTimestamp(at)}, ${keeping(kept)}
        where run_id = ${step.run} and part = ${step.part} and name = ${step.name}`,
  );
}

export async function endStep(
  client: Queryable,
  step: StoredStepId,
  at: Temporal.Instant,
  end: StoredStepEnd,
): Promise<void> {
  const form = end.answer === undefined ? null : JSON.stringify(end.answer.form);
  await execute(
    client,
    sql`update plan_step set state = ${end.state}, ended_at = ${toTimestamp(at)}, look_at = null, outcome = ${end.outcome},
          answered_by = ${end.answer?.by ?? null}, answer = ${form}, ${keeping(keptBy(end))}
        where run_id = ${step.run} and part = ${step.part} and name = ${step.name}`,
  );
}

function keptBy({ notes }: StoredStepEnd): StoredKept {
  return notes === undefined ? {} : { notes };
}

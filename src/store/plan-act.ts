import { z } from "zod";
import type { ActAnswer, ActRequest, SeenBefore } from "#core/plan/act-request.ts";
import { fewestRuns, latestRuns } from "#core/plan/overrun.ts";
import { parts, type Part } from "#core/plan/plan.ts";
import { criterionRule } from "./criterion-rule.ts";
import { whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable } from "./sql.ts";

/** What a step does at a target, as it is stored. */
export interface StoredAct {
  readonly run: string;
  readonly part: Part;
  readonly name: string;
  readonly environment: string;
  readonly service: string;
  /** null: it has not begun. */
  readonly fence: number | null;
  readonly waitsFor: string | null;
  readonly request: ActRequest;
  readonly before: SeenBefore | null;
  readonly answer: ActAnswer | null;
}

type StepId = Pick<StoredAct, "run" | "part" | "name">;

const place = { environment: z.string(), service: z.string() };
const versioned = { ...place, version: z.string() };
const within = { withinSeconds: z.number() };
const request = z.discriminatedUnion("do", [
  z.object({
    do: z.literal("run-command"),
    ...place,
    ...within,
    command: z.string(),
    arguments: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
  z.object({
    do: z.literal("migrate"),
    ...versioned,
    ...within,
    digest: z.string(),
    database: z.string(),
    direction: z.enum(["up", "back"]),
    appliedUnder: z.string().nullable(),
  }),
  z.object({ do: z.literal("digest-data"), ...place, ...within, database: z.string(), tables: z.array(z.string()) }),
  z.object({ do: z.literal("start-version"), ...versioned, digest: z.string() }),
  z.object({ do: z.literal("stop-version"), ...versioned }),
  z.object({ do: z.literal("set-shares"), ...versioned, control: z.string().nullable(), percent: z.number() }),
  z.object({ do: z.literal("set-flag"), ...place, project: z.string(), flag: z.string(), isOn: z.boolean() }),
  z.object({ do: z.literal("smoke"), ...versioned }),
  z.object({
    do: z.literal("observe"),
    ...versioned,
    control: z.string().nullable(),
    minSeconds: z.number(),
    maxSeconds: z.number(),
    minRequests: z.number(),
    criteria: z.array(criterionRule).exactOptional(),
    zone: z.string().exactOptional(),
  }),
]);
const seen = z
  .object({ shares: z.record(z.string(), z.number()), second: z.int(), isOn: z.boolean().optional() })
  .transform(({ isOn, ...read }): SeenBefore => ({ ...read, ...(isOn === undefined ? {} : { isOn }) }));
const answer = z.object({
  state: z.enum(["done", "failed", "refused", "cancelled"]),
  outcome: z.string(),
  output: z.object({ text: z.string(), bytes: z.int(), isCut: z.boolean() }).nullable(),
  live: z.object({ version: z.string(), digest: z.string() }).nullable(),
});

const row = z
  .object({
    run_id: z.string(),
    part: z.enum(parts),
    name: z.string(),
    environment: z.string(),
    service: z.string(),
    fence: whole.nullable(),
    waits_for: z.string().nullable(),
    request,
    seen_before: seen.nullable(),
    answer: answer.nullable(),
  })
  .transform(({ run_id: run, waits_for: waitsFor, seen_before: before, ...read }): StoredAct => ({
    run,
    waitsFor,
    before,
    ...read,
  }));

/** What is asked, or why it cannot be yet; once it has begun nothing of it changes. */
async function putAct(client: Queryable, act: Omit<StoredAct, "before" | "answer">): Promise<void> {
  await execute(
    client,
    sql`insert into plan_act (run_id, part, name, environment, service, fence, waits_for, request)
        values (${act.run}, ${act.part}, ${act.name}, ${act.environment}, ${act.service}, ${act.fence}, ${act.waitsFor},
                ${JSON.stringify(act.request)})
        on conflict (run_id, part, name) do update
          set fence = excluded.fence, waits_for = excluded.waits_for, request = excluded.request`,
  );
}

async function findAct(client: Queryable, step: StepId): Promise<StoredAct | null> {
  return queryOne(
    client,
    sql`select * from plan_act where run_id = ${step.run} and part = ${step.part} and name = ${step.name}`,
    row,
  );
}

async function actsOfRun(client: Queryable, run: string): Promise<readonly StoredAct[]> {
  return query(client, sql`select * from plan_act where run_id = ${run} order by part, name`, row);
}

/** What was seen first stays; returns it. */
async function noteBefore(client: Queryable, step: StepId, given: SeenBefore): Promise<SeenBefore> {
  const noted = await queryOne(
    client,
    sql`update plan_act set seen_before = coalesce(seen_before, ${JSON.stringify(given)}::jsonb)
        where run_id = ${step.run} and part = ${step.part} and name = ${step.name} returning seen_before`,
    z.object({ seen_before: seen }),
  );
  if (noted === null) throw new Error(`${step.run} does nothing as ${step.part}/${step.name}`);
  return noted.seen_before;
}

async function answerAct(client: Queryable, step: StepId, given: ActAnswer): Promise<void> {
  await execute(
    client,
    sql`update plan_act set answer = ${JSON.stringify(given)}
        where run_id = ${step.run} and part = ${step.part} and name = ${step.name}`,
  );
}

/** From the entry that says that it begins to act: before that it may have waited for days. */
async function usualSeconds(
  client: Queryable,
  runbook: string,
  { part, name }: Pick<StoredAct, "part" | "name">,
): Promise<number | null> {
  const found = await queryOne(
    client,
    sql`select ceil(percentile_cont(0.95) within group (order by seconds))::int as seconds
        from (select extract(epoch from s.ended_at - e.at) as seconds
              from plan_run r
              join plan_step s on s.run_id = r.id and s.part = ${part} and s.name = ${name} and s.state = 'done'
              join audit_entry e on e.object = r.id || ':' || s.part || ':' || s.name and e.action = 'run.act'
              where r.runbook = ${runbook} order by r.started_at desc limit ${latestRuns}) recent
        having count(*) >= ${fewestRuns}`,
    z.object({ seconds: whole }),
  );
  return found?.seconds ?? null;
}

/** What steps do at targets, in the transaction of `client`. */
export interface ActRecords {
  readonly put: (act: Omit<StoredAct, "before" | "answer">) => Promise<void>;
  readonly find: (step: StepId) => Promise<StoredAct | null>;
  readonly ofRun: (run: string) => Promise<readonly StoredAct[]>;
  readonly noteBefore: (step: StepId, seen: SeenBefore) => Promise<SeenBefore>;
  readonly usualSeconds: (runbook: string, step: Pick<StoredAct, "part" | "name">) => Promise<number | null>;
  readonly answer: (step: StepId, answer: ActAnswer) => Promise<void>;
}

export function actRecordsOf(client: Queryable): ActRecords {
  return {
    put: (act) => putAct(client, act),
    find: (step) => findAct(client, step),
    ofRun: (run) => actsOfRun(client, run),
    noteBefore: (step, given) => noteBefore(client, step, given),
    usualSeconds: (runbook, step) => usualSeconds(client, runbook, step),
    answer: (step, given) => answerAct(client, step, given),
  };
}

import { z } from "zod";
import { fewestRuns, latestRuns } from "#core/plan/overrun.ts";
import type { StepNotes } from "#core/plan/notes.ts";
import { parts, stepsOf, type Part } from "#core/plan/plan.ts";
import { findRuns, type StoredRun, type StoredStep, type StoredStepId } from "./plan-run.ts";
import { instant, whole } from "./row.ts";
import { query, queryOne, sql, type Queryable } from "./sql.ts";

/** A line of the audit record about a run or one of its steps. */
export interface StoredEntry {
  readonly at: Temporal.Instant;
  readonly person: string;
  readonly action: string;
  readonly object: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly after: unknown;
}

/** A step under way that asks somebody, with its run. */
export interface StoredAsking {
  readonly run: StoredRun;
  readonly step: StoredStepId & Pick<StoredStep, "begunAt" | "deadline" | "notes">;
}

/** More than people read of one run; the oldest are left out. */
const maxEntries = 1000;
/** As precise as the ninetieth hundredth of so few can be. */
const most = 0.9;

/** What nine of ten of the latest runs that succeeded took at most, in seconds; null: there are too few. */
export async function usualRunSeconds(client: Queryable, runbook: string): Promise<number | null> {
  const found = await queryOne(
    client,
    sql`select round(percentile_cont(${most}::double precision) within group (order by took))::int as seconds
        from (select extract(epoch from ended_at - started_at) as took from plan_run
              where runbook = ${runbook} and state = 'succeeded'
              order by started_at desc limit ${latestRuns}) recent
        having count(*) >= ${fewestRuns}`,
    z.object({ seconds: whole }),
  );
  return found?.seconds ?? null;
}

/** The same for the steps of those runs, by `part/name`. */
export async function usualStepSeconds(client: Queryable, runbook: string): Promise<ReadonlyMap<string, number>> {
  const found = await query(
    client,
    sql`select s.part || '/' || s.name as step,
               round(percentile_cont(${most}::double precision) within group (order by extract(epoch from s.ended_at - s.begun_at)))::int
                 as seconds
        from plan_step s join (select id from plan_run where runbook = ${runbook} and state = 'succeeded'
                               order by started_at desc limit ${latestRuns}) r on r.id = s.run_id
        where s.state = 'done' group by s.part, s.name having count(*) >= ${fewestRuns}`,
    z.object({ step: z.string(), seconds: whole }),
  );
  return new Map(found.map(({ step, seconds }) => [step, seconds]));
}

const entryRow = z
  .object({
    at: instant,
    person: z.string(),
    action: z.string(),
    object: z.string(),
    outcome: z.string(),
    entry: z.string(),
  })
  .transform(({ entry, ...read }): StoredEntry => ({ ...read, ...textOf.parse(JSON.parse(entry)) }));

const textOf = z
  .object({ reason: z.string().nullable(), after: z.object({ value: z.unknown() }).partial().nullable() })
  .transform(({ reason, after }) => ({ reason, after: after?.value ?? null }));

/** What people did to a run and what became of it, in that order. */
export async function runLog(
  client: Queryable,
  { id, plan }: Pick<StoredRun, "id" | "plan">,
): Promise<readonly StoredEntry[]> {
  const steps = parts.flatMap((part) => stepsOf(plan, part).map(({ name }) => `${id}/${part}/${name}`));
  return query(
    client,
    sql`select * from (
          select seq, at, actor ->> 'person' as person, action, object, outcome, entry from audit_entry
          where object = any(${[id, ...steps]}) order by seq desc limit ${maxEntries}) latest
        order by seq`,
    entryRow,
  );
}

export async function countRunNotes(client: Queryable, id: string): Promise<number> {
  const found = await queryOne(
    client,
    sql`select count(*) as found from audit_entry where object = ${id} and action = 'run.note'`,
    z.object({ found: whole }),
  );
  return found?.found ?? 0;
}

const askingRow = z.object({
  run_id: z.string(),
  part: z.enum(parts),
  name: z.string(),
  begun_at: instant,
  deadline: instant,
  notes: z.custom<StepNotes>((value) => typeof value === "object").nullable(),
});

/** Steps under way that ask one of these names, those with the nearest deadline first. */
export async function askingSteps(
  client: Queryable,
  names: readonly string[],
  limit: number,
): Promise<readonly StoredAsking[]> {
  const found = await query(
    client,
    sql`select s.run_id, s.part, s.name, s.begun_at, s.deadline, s.notes
        from plan_step s join plan_run r on r.id = s.run_id
        where s.state = 'running' and (r.asking -> (s.part || '/' || s.name)) ?| ${[...names]}::text[]
        order by s.deadline, s.run_id, s.seq limit ${limit}`,
    askingRow,
  );
  const runs = new Map(
    (await findRuns(client, [...new Set(found.map((row) => row.run_id))])).map((run) => [run.id, run]),
  );
  return found.flatMap(({ run_id: id, part, name, begun_at: begunAt, deadline, notes }) => {
    const run = runs.get(id);
    return run === undefined ? [] : [{ run, step: { run: id, part, name, begunAt, deadline, notes } }];
  });
}

/** Runs under way that miss an overseer whom one of these names is, the oldest first. */
export async function unseenRuns(
  client: Queryable,
  names: readonly string[],
  limit: number,
): Promise<readonly StoredRun[]> {
  const found = await query(
    client,
    sql`select id from plan_run where state = 'running' and turned_by is null and overseer is null
          and overseer_asked = any(${[...names]}) order by started_at, id limit ${limit}`,
    z.object({ id: z.string() }),
  );
  const runs = await findRuns(
    client,
    found.map(({ id }) => id),
  );
  return runs.toSorted((a, b) => Temporal.Instant.compare(a.startedAt, b.startedAt));
}

/** Somebody who uses a shared resource or waits for it, with what is needed to say who and until when. */
export interface StoredPlace {
  readonly key: string;
  readonly step: { readonly run: string; readonly part: Part; readonly name: string };
  readonly runbook: string;
  readonly owner: string;
  readonly uses: readonly { readonly resource: string; readonly units: number }[];
  readonly priority: number;
  readonly seq: number;
  readonly isHeld: boolean;
  readonly askedAt: Temporal.Instant;
  readonly heldAt: Temporal.Instant | null;
  readonly begunAt: Temporal.Instant;
  readonly deadline: Temporal.Instant;
}

const placeRow = z
  .object({
    run_id: z.string(),
    part: z.enum(parts),
    name: z.string(),
    runbook: z.string(),
    owner: z.string(),
    uses: z.array(z.object({ resource: z.string(), units: whole })),
    priority: whole,
    seq: whole,
    asked_at: instant,
    held_at: instant.nullable(),
    begun_at: instant,
    deadline: instant,
  })
  .transform((read): StoredPlace => ({
    key: `${read.run_id}:${read.part}:${read.name}`,
    step: { run: read.run_id, part: read.part, name: read.name },
    runbook: read.runbook,
    owner: read.owner,
    uses: read.uses,
    priority: read.priority,
    seq: read.seq,
    isHeld: read.held_at !== null,
    askedAt: read.asked_at,
    heldAt: read.held_at,
    begunAt: read.begun_at,
    deadline: read.deadline,
  }));

/** Everybody who uses something shared or waits for it, those who hold first, then by priority and arrival. */
export async function openPlaces(client: Queryable, limit: number): Promise<readonly StoredPlace[]> {
  return query(
    client,
    sql`select c.run_id, c.part, c.name, r.runbook, r.owner, min(c.seq) as seq, min(c.priority) as priority,
               min(c.asked_at) as asked_at, max(c.held_at) as held_at, s.begun_at, s.deadline,
               jsonb_agg(jsonb_build_object('resource', c.resource, 'units', c.units) order by c.resource) as uses
        from plan_claim c join plan_run r on r.id = c.run_id
          join plan_step s on (s.run_id, s.part, s.name) = (c.run_id, c.part, c.name)
        where c.released_at is null
        group by c.run_id, c.part, c.name, r.runbook, r.owner, s.begun_at, s.deadline
        order by (max(c.held_at) is null), min(c.priority), min(c.seq) limit ${limit}`,
    placeRow,
  );
}

import type { ClientBase, Pool } from "pg";
import { z } from "zod";
import { execute, isTransient, query, queryOne, sql } from "#store/sql.ts";
import { attempt } from "#workflows/engine/attempt.ts";
import { stored } from "#workflows/engine/memory-world.ts";
import { fromStore } from "#workflows/engine/stored.ts";
import { defaultRetry, type Flow, type FlowStarter, type RetryPolicy, type Workflow } from "#workflows/flow.ts";
import type { Transact } from "#usecases/records.ts";
import type { Records } from "#usecases/records.ts";
import type { Scheduler } from "./scheduler.ts";

/*
 * Stands where the durable engine stands, with its promises and no more: a step runs at least once, its record is kept
 * once, a transaction commits with its record, runs of a dead process are taken over when its lease is over, and whoever
 * was declared dead wrongly finds out at its next record. Its rows are in the same database, so they share the fate of
 * the transactions that they join.
 */

export const engineSchema = `
  create schema sim;
  create table sim.worker (id text primary key, expires_at timestamptz not null);
  create table sim.flow (
    seq bigint generated always as identity, id text primary key, workflow text not null, input jsonb not null,
    queue text not null, key text not null, priority integer not null, state text not null default 'queued',
    owner text, epoch integer not null default 0, takes integer not null default 0, output jsonb, error text);
  create unique index flow_place on sim.flow (queue, key) where state = 'running';
  create table sim.journal (
    flow text not null references sim.flow, number integer not null, name text not null, value jsonb, error text,
    primary key (flow, number));
  create table sim.inbox (
    seq bigint generated always as identity, flow text not null, topic text not null, body jsonb, key text not null,
    taken boolean not null default false, unique (flow, key));`;

export interface EngineParts {
  /** Name of the process and its life. */
  readonly id: string;
  readonly pool: Pool;
  readonly transact: Transact;
  readonly clientOf: (records: Records) => ClientBase;
  readonly now: () => Temporal.Instant;
  readonly scheduler: Scheduler;
  /** Begins the execution of a run as a task of the process. */
  readonly spawn: (name: string, body: () => Promise<void>) => void;
  readonly notice: (situation: string) => void;
}

export interface Engine {
  readonly starter: FlowStarter<Records>;
  readonly register: <Input, Output>(workflow: Workflow<Records, Input, Output>) => void;
  /** Renews the lease, takes what may start or has lost its process, and wakes what got a message. */
  readonly poll: () => Promise<void>;
}

/** A worker that has not said for so long that it lives is dead to the others. */
export const leaseSeconds = 30;

const taken = z.object({ id: z.string(), workflow: z.string(), input: z.unknown(), epoch: z.int(), takes: z.int() });
type Taken = z.infer<typeof taken>;

/** Of a run that somebody else has taken over. */
class Ousted extends Error {}

interface Execution {
  readonly run: Taken;
  readonly known: Map<number, { readonly name: string; readonly value: unknown; readonly error: string | null }>;
  next: number;
}

export function createEngine(parts: EngineParts): Engine {
  const bodies = new Map<string, (flow: Flow<Records>, input: unknown) => Promise<unknown>>();
  const waiters = new Map<string, () => void>();
  return {
    starter: starterOf(parts),
    register: (workflow) => void bodies.set(workflow.name, (flow, input) => workflow.body(flow, fromStore(input))),
    poll: async () => {
      await renew(parts);
      for (const run of await take(parts)) parts.spawn(run.id, () => execution(parts, bodies, waiters, run));
      const rung = await query(parts.pool, sql`select distinct flow from sim.inbox where not taken`, (row) =>
        z.object({ flow: z.string() }).parse(row),
      );
      for (const { flow } of rung) waiters.get(flow)?.();
    },
  };
}

function starterOf({ clientOf }: EngineParts): FlowStarter<Records> {
  return {
    start: async (records, { workflow, id, input, place, priority }) => {
      await execute(
        clientOf(records),
        sql`insert into sim.flow (id, workflow, input, queue, key, priority)
            values (${id}, ${workflow}, ${JSON.stringify(stored(id, input))}, ${place.queue}, ${place.key}, ${priority ?? 100})
            on conflict (id) do nothing`,
      );
    },
    send: async (records, { to, topic, body, key }) => {
      await execute(
        clientOf(records),
        sql`insert into sim.inbox (flow, topic, body, key) values (${to}, ${topic}, ${JSON.stringify(body ?? null)}, ${key})
            on conflict (flow, key) do nothing`,
      );
    },
  };
}

async function renew({ pool, id, now }: EngineParts): Promise<void> {
  const until = now().add({ seconds: leaseSeconds }).toString();
  await execute(
    pool,
    sql`insert into sim.worker (id, expires_at) values (${id}, ${until})
        on conflict (id) do update set expires_at = excluded.expires_at`,
  );
}

const takesAtOnce = 3;

async function take({ pool, id, now, notice }: EngineParts): Promise<readonly Taken[]> {
  const found: Taken[] = [];
  for (let turn = 0; turn < takesAtOnce; turn++) {
    const one = await queryOne(
      pool,
      sql`update sim.flow f set state = 'running', owner = ${id}, epoch = f.epoch + 1, takes = f.takes + 1
          where f.id = (
            select c.id from sim.flow c
            where (c.state = 'queued' and not exists (
                     select from sim.flow o where o.queue = c.queue and o.key = c.key and o.state = 'running'))
               or (c.state = 'running' and c.owner <> ${id} and not exists (
                     select from sim.worker w where w.id = c.owner and w.expires_at > ${now().toString()}))
            order by c.priority, c.seq limit 1 for update skip locked)
          returning id, workflow, input, epoch, takes`,
      taken,
    ).catch((error: unknown) => {
      // Two have reached for the same place: the index lets one of them have it.
      if (error instanceof Error && "code" in error && error.code === "23505") return null;
      throw error;
    });
    if (one === null) break;
    if (one.takes > 1) notice("run-taken-over");
    found.push(one);
  }
  return found;
}

const journalRow = z.object({ number: z.int(), name: z.string(), value: z.unknown(), error: z.string().nullable() });

async function execution(
  parts: EngineParts,
  bodies: ReadonlyMap<string, (flow: Flow<Records>, input: unknown) => Promise<unknown>>,
  waiters: Map<string, () => void>,
  run: Taken,
): Promise<void> {
  const { pool, scheduler } = parts;
  const body = bodies.get(run.workflow);
  try {
    const known = await patiently(parts, () =>
      query(pool, sql`select number, name, value, error from sim.journal where flow = ${run.id}`, journalRow),
    );
    const state: Execution = { run, known: new Map(known.map((entry) => [entry.number, entry])), next: 0 };
    if (body === undefined) throw new Error(`there is no workflow ${run.workflow}`);
    const outcome = await body(flowOf(parts, waiters, state), run.input).then(
      (output) => ({ state: "done", output, error: null }),
      (error: unknown) => {
        if (error instanceof Ousted) throw error;
        return { state: "failed", output: null, error: messageOf(error) };
      },
    );
    await patiently(parts, () =>
      execute(
        pool,
        sql`update sim.flow set state = ${outcome.state}, output = ${JSON.stringify(outcome.output ?? null)},
              error = ${outcome.error} where id = ${run.id} and epoch = ${run.epoch}`,
      ),
    );
  } catch (error) {
    if (!(error instanceof Ousted)) throw error;
    parts.notice("zombie-refused");
    await scheduler.park();
  }
}

function flowOf(parts: EngineParts, waiters: Map<string, () => void>, state: Execution): Flow<Records> {
  const { run } = state;
  return {
    id: run.id,
    step: (name, body, retry) => step(parts, state, name, body, retry ?? defaultRetry),
    tx: (name, body) => tx(parts, state, name, body),
    wait: (topic, deadline) => wait(parts, waiters, state, topic, deadline),
    sleep: () => Promise.reject(new Error("no workflow of the product sleeps: long waits are rows")),
    run: () => Promise.reject(new Error("no workflow of the product has children")),
  };
}

/** The recorded outcome of the next thing, or null and its number. */
function recorded(
  state: Execution,
  name: string,
): { readonly number: number; readonly value: unknown; readonly isKnown: boolean } {
  const number = state.next++;
  const known = state.known.get(number);
  if (known === undefined) return { number, value: null, isKnown: false };
  if (known.name !== name)
    throw new Error(`step ${number} of ${state.run.id} is recorded as ${known.name}, not ${name}`);
  if (known.error !== null) throw new Error(known.error);
  return { number, value: known.value, isKnown: true };
}

async function step<T>(
  parts: EngineParts,
  state: Execution,
  name: string,
  body: (key: string) => Promise<T>,
  retry: RetryPolicy,
): Promise<T> {
  const known = recorded(state, name);
  if (known.isKnown) return fromStore<T>(known.value);
  const { number } = known;
  const outcome = await attempt(retry, parts.scheduler.sleep, () => body(`${state.run.id}:${number}`)).then(
    (value) => ({ value: stored(name, value), error: null }),
    (error: unknown) => ({ value: null, error: messageOf(error) }),
  );
  await patiently(parts, () => keep(parts.pool, state, number, name, outcome));
  if (outcome.error !== null) throw new Error(outcome.error);
  return fromStore<T>(structuredClone(outcome.value));
}

async function tx<T>(
  parts: EngineParts,
  state: Execution,
  name: string,
  body: (records: Records) => Promise<T>,
): Promise<T> {
  const known = recorded(state, name);
  if (known.isKnown) return fromStore<T>(known.value);
  const { number } = known;
  try {
    const value = await patiently(parts, () =>
      parts.transact(async (records) => {
        const client = parts.clientOf(records);
        const before = await readBack(client, state, number);
        // The reply of the commit was lost: it has happened.
        if (before !== null) return before.value;
        const result = stored(name, await body(records));
        await keep(client, state, number, name, { value: result, error: null });
        return result;
      }),
    );
    return fromStore<T>(structuredClone(value));
  } catch (error) {
    if (error instanceof Ousted) throw error;
    await patiently(parts, () => keep(parts.pool, state, number, name, { value: null, error: messageOf(error) }));
    throw error;
  }
}

async function readBack(client: Pick<ClientBase, "query">, { run }: Execution, number: number) {
  return await queryOne(
    client,
    sql`select number, name, value, error from sim.journal where flow = ${run.id} and number = ${number}`,
    journalRow,
  );
}

/** The record of a step, which only the owner of the run may write, and once. */
async function keep(
  client: Pick<ClientBase, "query">,
  state: Execution,
  number: number,
  name: string,
  { value, error }: { readonly value: unknown; readonly error: string | null },
): Promise<void> {
  const { id, epoch } = state.run;
  const json = value === undefined ? null : JSON.stringify(value);
  const kept = await execute(
    client,
    sql`insert into sim.journal (flow, number, name, value, error)
        select f.id, ${number}::integer, ${name}::text, ${json}::jsonb, ${error}::text from sim.flow f where f.id = ${id} and f.epoch = ${epoch}
        on conflict (flow, number) do nothing`,
  );
  if (kept === 1) return;
  const owner = await queryOne(client, sql`select epoch from sim.flow where id = ${id}`, z.object({ epoch: z.int() }));
  if (owner?.epoch !== epoch) throw new Ousted();
}

async function wait<T>(
  parts: EngineParts,
  waiters: Map<string, () => void>,
  state: Execution,
  topic: string,
  deadline: Temporal.Instant,
): Promise<T | null> {
  const name = `wait ${topic}`;
  const known = recorded(state, name);
  if (known.isKnown) return fromStore<T | null>(known.value);
  const { number, run } = { ...known, run: state.run };
  for (;;) {
    const isOver = Temporal.Instant.compare(parts.now(), deadline) >= 0;
    const got = await patiently(parts, () =>
      parts.transact(async (records) => {
        const client = parts.clientOf(records);
        const before = await readBack(client, state, number);
        if (before !== null) return { value: before.value };
        const message = await queryOne(
          client,
          sql`update sim.inbox set taken = true where seq = (
                select min(seq) from sim.inbox where flow = ${run.id} and topic = ${topic} and not taken) returning body`,
          z.object({ body: z.unknown() }),
        );
        if (message === null && !isOver) return null;
        await keep(client, state, number, name, { value: message?.body ?? null, error: null });
        return { value: message?.body ?? null };
      }),
    );
    if (got !== null) return fromStore<T | null>(structuredClone(got.value));
    const left = deadline.since(parts.now()).total("milliseconds");
    await Promise.race([
      new Promise<void>((resolve) => waiters.set(run.id, resolve)),
      parts.scheduler.sleep(Math.max(1, left)),
    ]);
    waiters.delete(run.id);
    await parts.scheduler.turn("look at messages", () => Promise.resolve());
  }
}

const pauseMs = 500;

/** The engine's own statements wait for the store to come back, as the durable engine's do. */
async function patiently<T>({ scheduler }: EngineParts, body: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await body();
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
    await scheduler.sleep(pauseMs);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { z } from "zod";
import type { LedgerEntry } from "#contract/agent.ts";
import { query, sql } from "#store/sql.ts";
import { endStates } from "#test/crash/injection.ts";
import { programs } from "./configuration.ts";
import type { Work } from "./load.ts";
import type { Plane } from "./plane.ts";

/**
 * Invariants by their names in the catalogue of faults. Those that hold at every moment are looked at after each fault over
 * everything that was ever done (`invariantsHeld`); the others by the faults that can break them.
 */
export type Invariant = `I${number}`;

/** A sentence that begins with the invariant that it breaks. */
export type Violation = `${Invariant}: ${string}`;

/** Calls under one key; above this something repeats without a limit. */
const maxCallsPerKey = 60;

/** What was seen before: an end is final. */
export interface Memory {
  readonly ends: Map<string, string>;
  /** What was broken once is told once: by the fault that broke it. */
  readonly told: Set<string>;
}

/** Compares what clients were told, what the database holds and what targets did. Empty: all is well. */
export async function examine(plane: Plane, memory: Memory): Promise<readonly Violation[]> {
  const broken = (await examineAll(plane, memory)).filter((violation) => !memory.told.has(violation));
  for (const violation of broken) memory.told.add(violation);
  return broken;
}

async function examineAll(plane: Plane, memory: Memory): Promise<readonly Violation[]> {
  const { acknowledged } = plane.load;
  const states = await plane.load.statesOf(acknowledged);
  return [
    ...answeredOnce(acknowledged),
    ...(await storedOnce(plane)),
    ...accepted(acknowledged, states),
    ...ended(states, memory),
    ...effects(plane.targets.ledger),
    ...exactEffects(plane, acknowledged, states),
    ...attempts(plane),
    ...(await liveAsRecorded(plane)),
    ...(await nothingHeld(plane, states)),
    ...(await recordedOnce(plane)),
  ];
}

/** I2 among clients: a key stands for one piece of work. */
function answeredOnce(acknowledged: readonly Work[]): readonly Violation[] {
  const ids = new Map<string, string>();
  return acknowledged.flatMap(({ key, id }): readonly Violation[] => {
    const before = ids.get(key) ?? id;
    ids.set(key, id);
    return before === id ? [] : [`I2: ${key} was answered with ${before} and with ${id}`];
  });
}

/** I2 in the database: nothing exists that nobody was told of. Keys of refused requests leave nothing behind. */
async function storedOnce({ pool, load }: Plane): Promise<readonly Violation[]> {
  const row = z.object({ id: z.string(), key: z.string() });
  const stored = await query(
    pool,
    sql`select id, request_key as key from deployment where request_key like '%faults-%'
        union all select id, request_key from plan_run where request_key like '%faults-%'`,
    row,
  );
  const told = new Set(load.acknowledged.map(({ id }) => id));
  return stored
    .filter(({ id }) => !told.has(id))
    .map(({ id, key }): Violation => `I2: ${id} under ${key} was made, and no client was told of it`);
}

function accepted(acknowledged: readonly Work[], states: ReadonlyMap<string, string>): readonly Violation[] {
  return acknowledged
    .filter(({ id }) => !states.has(id))
    .map(({ id, key }): Violation => `I1: ${id} was promised under ${key} and is not there`);
}

function ended(states: ReadonlyMap<string, string>, { ends }: Memory): readonly Violation[] {
  const broken: Violation[] = [];
  for (const [id, state] of states) {
    const before = ends.get(id);
    if (before !== undefined && before !== state) broken.push(`I11: ${id} had ended as ${before} and is ${state}`);
    if (endStates.has(state)) ends.set(id, state);
  }
  return broken;
}

/** I3 and I4 and I6 at the targets: a key acts once, numbers of locks only rise, what starts is what was registered. */
function effects(ledger: readonly LedgerEntry[]): readonly Violation[] {
  const broken: Violation[] = [];
  const keys = new Set<string>();
  const fences = new Map<string, number>();
  for (const { key, fence, environment, outcome, effect, detail, service } of ledger) {
    if (outcome !== "applied") continue;
    if (keys.has(key)) broken.push(`I3: ${effect} under ${key} was done twice`);
    keys.add(key);
    if (fence < (fences.get(environment) ?? 0)) broken.push(`I4: ${effect} in ${environment} under the old ${fence}`);
    fences.set(environment, Math.max(fence, fences.get(environment) ?? 0));
    const isKnown = programs.some(
      (program) => program.service === service && detail === `${program.version} ${program.digest}`,
    );
    if (effect === "start-version" && !isKnown) broken.push(`I6: ${service} ${detail} was never registered`);
  }
  return broken;
}

/** I3 for what succeeded: each of its effects exactly once. */
function exactEffects(
  { targets, receiver, load }: Plane,
  acknowledged: readonly Work[],
  states: ReadonlyMap<string, string>,
): readonly Violation[] {
  return acknowledged.flatMap(({ id, kind }): readonly Violation[] => {
    if (states.get(id) !== "succeeded") return [];
    if (kind === "deployment") {
      const stages = load.placeOf({ id, kind, key: "", attempts: 0 })?.environment === "watched" ? 2 : 1;
      const done = targets.ledger.filter(({ key, outcome }) => key.startsWith(`${id}:`) && outcome === "applied");
      const wanted = ["start-version", ...Array.from({ length: stages }, () => "set-weights"), "stop-version"];
      const seen = done.map(({ effect }) => effect);
      return seen.join() === wanted.join() ? [] : [`I3: ${id} has succeeded by ${seen.join(", ")}`];
    }
    const first = receiver.received.filter(({ key, isFirst }) => isFirst && key.startsWith(`${id}:forward:`));
    const keys = new Set(first.map(({ key }) => key));
    if (keys.size !== first.length) return [`I3: ${id} has acted twice under one key`];
    return [];
  });
}

function attempts({ targets, receiver }: Plane): readonly Violation[] {
  const counts = new Map<string, number>();
  const keys = [...targets.calls.flatMap(({ key }) => key ?? []), ...receiver.received.map(({ key }) => key)];
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > maxCallsPerKey)
    .map(([key, count]): Violation => `I12: ${key} was sent ${count} times`);
}

/** I9: what the record says is live is live at the target, unless a person was asked to look. */
async function liveAsRecorded({ pool, targets }: Plane): Promise<readonly Violation[]> {
  const last = await query(
    pool,
    sql`select distinct on (service, environment) service, environment, version, control, state from deployment
        where request_key like '%faults-%' and ended_at is not null and started_at is not null
          and not exists (select from deployment o where o.ended_at is null
            and (o.service, o.environment) = (deployment.service, deployment.environment))
        order by service, environment, ended_at desc`,
    z.object({
      service: z.string(),
      environment: z.string(),
      version: z.string(),
      control: z.string().nullable(),
      state: z.string(),
    }),
  );
  return last.flatMap(({ service, environment, version, control, state }): readonly Violation[] => {
    if (state === "needs-human") return [];
    const should = state === "succeeded" ? version : control;
    const live = targets.truth({ service, environment }).filter(({ percent }) => percent > 0);
    if (live.length === 1 && live[0]?.version === should && live[0]?.percent === 100) return [];
    const seen = live.map((each) => `${each.version} ${each.percent} %`).join(", ");
    return [`I9: ${service} in ${environment} ended as ${state} and should run ${should}, and runs ${seen}`];
  });
}

/** I4 and I17: who has ended holds nothing. */
async function nothingHeld({ pool }: Plane, states: ReadonlyMap<string, string>): Promise<readonly Violation[]> {
  const holder = z.object({ holder: z.string() });
  const locks = await query(pool, sql`select holder from environment_lock`, holder);
  const claims = await query(pool, sql`select run_id as holder from plan_claim where released_at is null`, holder);
  return [...locks, ...claims]
    .filter((each) => endStates.has(states.get(each.holder) ?? ""))
    .map((each): Violation => `I4: ${each.holder} has ended and still holds a lock`);
}

/** I8: one entry for each request and each end. Whether the record is whole is asked of its own verifier, at the end. */
async function recordedOnce({ pool }: Plane): Promise<readonly Violation[]> {
  const row = z.object({ id: z.string(), requests: z.coerce.number(), ends: z.coerce.number() });
  const wrong = await query(
    pool,
    sql`select id, requests, ends from (
          select d.id, d.state, count(*) filter (where a.action = 'deployment.request') as requests,
                 count(*) filter (where a.action in ('deployment.succeed', 'deployment.fail', 'deployment.roll-back',
                   'deployment.lose-sight')) as ends
          from deployment d left join audit_entry a on a.object = d.id
          where d.ended_at is not null group by d.id) counted
        where requests <> 1 or ends > 1 or (state = 'succeeded' and ends = 0)`,
    row,
  );
  return wrong.map(
    ({ id, requests, ends }): Violation => `I8: ${id} has ${requests} requests and ${ends} ends on record`,
  );
}

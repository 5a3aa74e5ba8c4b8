import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { execute, query, sql } from "#store/sql.ts";
import { endStates } from "#test/crash/injection.ts";
import { answerOf } from "#test/support/deployments.ts";
import { until } from "#test/support/installation.ts";
import { defineFault, type Fault } from "./fault.ts";
import type { Plane } from "./plane.ts";

/*
 * Q, X and L: queues, rows that should not be there, and several who do the same work.
 */

const count = z.object({ n: z.coerce.number() });

const claimedNeverStarted = defineFault({
  id: "Q1",
  title: "both workers are killed in the moment in which they have claimed work",
  onEveryCommit: true,
  invariants: ["I1"],
  inject: async ({ load, pool, processes }) => {
    const asked = load.some(4, 2);
    await until("something is claimed", async () => {
      const claimed = await query(
        pool,
        sql`select count(*) as n from dbos.workflow_status where status = 'PENDING'`,
        count,
      );
      return (claimed[0]?.n ?? 0) > 0;
    });
    await Promise.all([processes.kill("worker-1"), processes.kill("worker-2")]);
    const claimed = await query(
      pool,
      sql`select count(*) as n from dbos.workflow_status where status = 'PENDING'`,
      count,
    );
    await Promise.all([processes.restart("worker-1"), processes.restart("worker-2", false)]);
    return { times: claimed[0]?.n ?? 0, work: await asked };
  },
});

const sameItem = defineFault({
  id: "Q3",
  title: "four workers grab for thirty runs at the same time",
  isLong: true,
  invariants: ["I2", "I3"],
  inject: async ({ load, processes, wishOf }) => {
    await Promise.all(
      (["worker-3", "worker-4"] as const).map(async (seat) => await processes.start(seat, wishOf(seat))),
    );
    const work = await Promise.all(Array.from({ length: 30 }, () => load.run("one-call")));
    await load.ended(work);
    return { times: 4, work };
  },
  expect: async ({ receiver }, { work }) => {
    const sent = receiver.received.filter(
      ({ key, path }) => path === "/drain" && work.some(({ id }) => key.startsWith(id)),
    );
    assert.equal(sent.length, work.length, "each call was sent once");
  },
});

/** Follows upon `sameItem`, which leaves two more workers behind. */
const removed = defineFault({
  id: "L5",
  title: "two of four workers leave under load, one in order and one by kill -9: nothing stays unowned",
  isLong: true,
  invariants: ["I17", "I20"],
  inject: async ({ load, processes, wishOf }) => {
    for (const seat of ["worker-3", "worker-4"] as const)
      if (!processes.names().includes(seat) || !processes.isRunning(seat)) await processes.start(seat, wishOf(seat));
    const asked = load.some(4, 6);
    await delay(300);
    await Promise.all([processes.kill("worker-3", "SIGTERM"), processes.kill("worker-4")]);
    return { times: 2, work: await asked };
  },
});

const ordered = defineFault({
  id: "Q6",
  title: "many releases to one environment go in the order in which they were accepted, one at a time",
  invariants: ["I4", "I10", "I21"],
  inject: async ({ load }) => {
    const work = [];
    for (let nth = 0; nth < 4; nth++) work.push(await load.deploy("e1"));
    await load.ended(work);
    return { times: work.length, work };
  },
  expect: async ({ pool }, { work }) => {
    const row = z.object({ id: z.string() });
    const ids = work.map(({ id }) => id);
    const started = await query(pool, sql`select id from deployment where id = any(${ids}) order by started_at`, row);
    assert.deepEqual(
      started.map(({ id }) => id),
      ids,
    );
    const overlaps = await query(
      pool,
      sql`select count(*) as n from deployment a join deployment b on a.id < b.id and a.environment = b.environment
          where a.id = any(${ids}) and b.id = any(${ids}) and a.started_at < b.ended_at and b.started_at < a.ended_at`,
      count,
    );
    assert.equal(overlaps[0]?.n, 0);
  },
});

const holderDies = defineFault({
  id: "Q7",
  title: "the holder of a bay dies in its call while four others wait for it",
  isLong: true,
  invariants: ["I4", "I17"],
  inject: async ({ load, processes, receiver }) => {
    const met = receiver.behave("/drain", "hang", 1);
    const work = await Promise.all(Array.from({ length: 5 }, () => load.run("shared")));
    await until("one of them calls", async () => met() === 1);
    await Promise.all([processes.kill("worker-1"), processes.kill("worker-2")]);
    receiver.release();
    await Promise.all([processes.restart("worker-1"), processes.restart("worker-2", false)]);
    return { times: 2, work };
  },
});

const listenLost = defineFault({
  id: "Q9",
  title: "listeners are cut again and again, so that nobody is woken: work is found by looking",
  onEveryCommit: true,
  invariants: ["I17"],
  inject: async ({ load, pool }) => {
    const cutListeners = (): Promise<number> =>
      execute(
        pool,
        sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tidegate events'`,
      );
    let times = 0;
    const asked = load.some(2, 3);
    for (let time = 0; time < 12; time++) {
      times += await cutListeners();
      await delay(200);
    }
    return { times, work: await asked };
  },
});

/** A run whose plan nobody can read, due now: what an update by hand, or a bug, might leave. */
async function poison({ pool }: Plane, nth: number): Promise<string> {
  const id = `run_${String(nth).padStart(32, "0")}`;
  await execute(
    pool,
    sql`insert into plan_run (id, runbook, version, plan, reason, owner, started_by, account, started_at, turn_at, deadline)
        values (${id}, 'one-call', 'x', '{"steps": 7}'::jsonb, 'Poison.', 'olga', 'olga', 'olga', now(), now(), now())`,
  );
  return id;
}

const poisoned = defineFault({
  id: "P7",
  title: "runs that nobody can read are due: all others go on",
  onEveryCommit: true,
  invariants: ["I1", "I17", "I18"],
  inject: async (plane) => {
    const ids = [await poison(plane, 1), await poison(plane, 2)];
    const work = await plane.load.some(2, 6);
    const seconds = await plane.load.ended(work);
    return { times: ids.length, work, seconds };
  },
  expect: async ({ pool }, { seconds }) => {
    const paused = sql`select count(*) as n from plan_run where reason = 'Poison.' and paused_until is not null`;
    await until("they are put aside", async () => (await query(pool, paused, count))[0]?.n === 2);
    assert.ok(seconds < 30, "nobody waited for them");
  },
});

const impossible = defineFault({
  id: "X3",
  title: "somebody writes by hand what cannot be true, and every row is refused",
  onEveryCommit: true,
  invariants: ["I11"],
  inject: async ({ load, pool }) => {
    const work = [await load.deploy(), await load.run("one-call")];
    await load.ended(work);
    const [deployment, run] = work;
    const attempts = [
      sql`update deployment set state = 'running', ended_at = null, outcome = null where id = ${deployment?.id}`,
      sql`update deployment set outcome = null where id = ${deployment?.id}`,
      sql`update deployment set state = 'waiting' where id = ${deployment?.id}`,
      sql`update plan_run set state = 'running', ended_at = null, outcome = null where id = ${run?.id}`,
      sql`delete from plan_run where id = ${run?.id}`,
      sql`update plan_step set state = 'queued' where run_id = ${run?.id}`,
      sql`update audit_entry set entry = '{}' where object = ${deployment?.id}`,
      sql`delete from audit_entry where object = ${deployment?.id}`,
    ];
    const outcomes = await Promise.allSettled(attempts.map((attempt) => execute(pool, attempt)));
    return { times: outcomes.filter(({ status }) => status === "rejected").length, work, wanted: attempts.length };
  },
  expect: async (_, { times, wanted }) => assert.equal(times, wanted),
});

const flapping = defineFault({
  id: "L3",
  title: "the way of a worker to the database is so slow that its lease comes and goes",
  isLong: true,
  invariants: ["I3", "I17", "I20"],
  inject: async ({ load, proxyOf }) => {
    const proxy = proxyOf("worker-1");
    const asked = load.some(3, 3);
    for (let time = 0; time < 3; time++) {
      proxy.set({ kind: "delay", ms: 2_500 });
      await delay(2_500);
      proxy.set({ kind: "none" });
      await delay(700);
    }
    return { times: proxy.struck("delay"), work: await asked };
  },
});

const cancelledEverywhere = defineFault({
  id: "H3",
  title: "releases are aborted at every state, twice, racing their end: one winner, and no effect after it",
  onEveryCommit: true,
  invariants: ["I11", "I21"],
  inject: async ({ as, load, pool }) => {
    const work = [];
    const answers: string[] = [];
    for (const [nth, pause] of [0, 0, 150, 400, 700, 1_000].entries()) {
      const one = await load.deploy("e2");
      // The second one waits behind the first: it is aborted in the queue.
      if (nth === 1) work.push(await load.deploy("e2"));
      await delay(pause);
      const abort = { params: { id: one.id }, body: { reason: `At ${pause}.` } };
      const both = await Promise.all([as("olga").abortDeployment(abort), as("pia").abortDeployment(abort)]);
      answers.push(...both.map((each) => (each.ok ? "taken" : each.problem.code)));
      work.push(one);
      await load.ended([one]);
    }
    const ids = work.map(({ id }) => id);
    const late = await query(
      pool,
      sql`select count(*) as n from deployment where id = any(${ids}) and state not in ('aborted', 'cancelled', 'succeeded', 'rolled-back', 'failed')`,
      count,
    );
    return { times: answers.filter((each) => each === "taken").length, work, late: late[0]?.n, answers };
  },
  expect: async (_, { answers }) => {
    const strange = answers.filter((each) => !["taken", "already-ended"].includes(each));
    assert.deepEqual(strange, []);
  },
});

const turnedEverywhere = defineFault({
  id: "H3",
  title: "runs are turned back at every state, twice: what was done is undone, once",
  invariants: ["I3", "I11", "I21"],
  inject: async ({ as, load, receiver }) => {
    const turned = await Promise.all(
      [0, 20, 60, 150, 300, 600].map(async (pause) => {
        const run = await load.run("two-calls");
        await delay(pause);
        const turn = { params: { id: run.id }, body: { reason: `At ${pause}.` } };
        const both = await Promise.all([as("olga").turnRunBack(turn), as("pia").turnRunBack(turn)]);
        return { run, taken: both.filter(({ ok }) => ok).length };
      }),
    );
    const work = turned.map(({ run }) => run);
    await load.ended(work);
    const strange = turned.filter(({ taken }) => taken > 1);
    const first = receiver.received.filter(({ isFirst }) => isFirst);
    const kept = work.filter(({ id }) => {
      const did = (path: string): number =>
        first.filter((each) => each.path === path && each.key.startsWith(id)).length;
      return did("/undrain") > did("/drain") || did("/unfill") > did("/fill");
    });
    return { times: turned.reduce((sum, { taken }) => sum + taken, 0), work, strange, kept };
  },
  expect: async (_, { strange, kept }) => {
    assert.deepEqual(strange, [], "one of two wins");
    assert.deepEqual(kept, [], "nothing is undone that was not done");
  },
});

const sameKey = defineFault({
  id: "H6",
  title: "the same request comes twenty times at once, and again, and with another body",
  onEveryCommit: true,
  invariants: ["I2"],
  inject: async ({ as, load }) => {
    const key = load.newKey();
    const ask = (runbook: string) => as("olga").startRun({ body: { runbook, reason: "A test." }, key });
    const all = await Promise.all(Array.from({ length: 20 }, () => ask("one-call")));
    const ids = new Set(all.flatMap((each) => (each.ok ? [each.body.id] : [])));
    const codes = new Set(all.flatMap((each) => (each.ok ? [] : [each.problem.code])));
    const again = answerOf(await ask("one-call"));
    const other = await ask("two-calls");
    const work = [load.remember({ kind: "run", id: again.id, key, ask: () => ask("one-call") })];
    return { times: 22, work, ids, codes, other, again };
  },
  expect: async (_, { ids, codes, other, again }) => {
    assert.deepEqual(
      [...ids, again.id].every((id) => id === again.id),
      true,
    );
    assert.deepEqual(
      [...codes].filter((code) => code !== "in-progress"),
      [],
    );
    assert.ok(!other.ok && other.problem.status === 409, "another body under the same key is refused");
  },
});

const afterTheEnd = defineFault({
  id: "H4",
  title: "commands come for what has ended: refused, and nothing changes",
  invariants: ["I11"],
  inject: async ({ as, load }) => {
    const [release, run] = [await load.deploy(), await load.run("one-call")];
    await load.ended([release, run]);
    const reason = "Too late.";
    const refusals = [
      await as("olga").abortDeployment({ params: { id: release.id }, body: { reason } }),
      await as("olga").decideHeld({ params: { id: release.id }, body: { decision: "go-back", reason } }),
      await as("olga").turnRunBack({ params: { id: run.id }, body: { reason } }),
      await as("olga").handOverRun({ params: { id: run.id }, body: { to: "pia", reason } }),
    ];
    return { times: refusals.filter((each) => !each.ok && each.problem.status === 409).length, work: [release, run] };
  },
  expect: async ({ load }, { times, work }) => {
    assert.equal(times, 4);
    const states = await load.statesOf(work);
    assert.ok([...states.values()].every((state) => endStates.has(state)));
  },
});

const frozenWhileQueued = defineFault({
  id: "H2",
  title: "a freeze begins while releases wait and run: nothing starts inside it, and they go on behind it",
  onEveryCommit: true,
  invariants: ["I5", "I6"],
  inject: async ({ as, load, pool }) => {
    const work = [await load.deploy("e3"), await load.deploy("e3"), await load.deploy("e3")];
    const stop = answerOf(await as("olga").stopAll({ body: { reason: "An incident." } }));
    const since = await query(pool, sql`select clock_timestamp()::text as at`, z.object({ at: z.string() }));
    await delay(2_500);
    const ids = work.map(({ id }) => id);
    const started = await query(
      pool,
      sql`select count(*) as n from deployment where id = any(${ids}) and started_at > ${since[0]?.at}::timestamptz`,
      count,
    );
    answerOf(await as("olga").resumeAll({ params: { id: stop.id }, body: { reason: "It is over." } }));
    return { times: 1, work, started: started[0]?.n };
  },
  expect: async ({ load }, { work, started }) => {
    assert.equal(started, 0);
    assert.ok([...(await load.statesOf(work)).values()].includes("succeeded"));
  },
});

export const queueFaults: readonly Fault[] = [
  claimedNeverStarted,
  sameItem,
  removed,
  ordered,
  holderDies,
  listenLost,
  poisoned,
  impossible,
  flapping,
];

export const peopleFaults: readonly Fault[] = [
  frozenWhileQueued,
  cancelledEverywhere,
  turnedEverywhere,
  afterTheEnd,
  sameKey,
];

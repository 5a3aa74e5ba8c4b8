import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { isAlive } from "#runtime/postgres/postmaster.ts";
import { execute, query, sql } from "#store/sql.ts";
import { until } from "#test/support/installation.ts";
import { defineFault, everyCommit, type Fault } from "./fault.ts";
import { urlThrough, type Plane, type Seat } from "./plane.ts";
import { commitReply, type Trouble } from "./proxy.ts";

/*
 * D: PostgreSQL that ends, is away, is slow, is full, and connections to it that break at the worst moment.
 */

const users: readonly Seat[] = ["api", "worker-1", "worker-2"];
const workers: readonly Seat[] = ["worker-1", "worker-2"];

/** Ends the server; the supervisor of this process starts it again. */
async function end(plane: Plane, signal: NodeJS.Signals): Promise<void> {
  const former = plane.server.pid;
  process.kill(former, signal);
  await until("another PostgreSQL answers", async () => {
    await plane.pool.query("select 1");
    return plane.server.pid !== former;
  });
}

function ended(title: string, signal: NodeJS.Signals, times: number): Fault {
  return defineFault({
    id: "D1",
    title,
    invariants: ["I1", "I2", "I3", "I8", "I17"],
    inject: async (plane) => {
      const asked = [];
      for (let time = 0; time < times; time++) {
        asked.push(plane.load.some(1, 2));
        await delay(300);
        await end(plane, signal);
      }
      return { times, work: (await Promise.all(asked)).flat() };
    },
  });
}

const away = defineFault({
  id: "D2",
  title: "the database is away for eight seconds: refused and told so, held and gone on with",
  invariants: ["I1", "I13", "I17", "I20"],
  inject: async (plane) => {
    const work = await plane.load.some(2, 2);
    for (const seat of users) plane.proxyOf(seat).set({ kind: "drop" });
    const ready = await fetch(`${plane.url}/readyz`);
    const body = { runbook: "one-call", reason: "A test." };
    const refused = await plane.as("olga").startRun({ body });
    await delay(8_000);
    const times = users.reduce((sum, seat) => sum + plane.proxyOf(seat).struck("drop"), 0);
    for (const seat of users) plane.proxyOf(seat).set({ kind: "none" });
    return { times, work, ready: ready.status, refused };
  },
  expect: async ({ url }, { ready, refused }) => {
    assert.equal(ready, 503);
    assert.ok(!refused.ok && refused.problem.status === 503 && refused.retryAfter !== null, "503 with Retry-After");
    await until("it is ready again", async () => (await fetch(`${url}/readyz`)).status === 200);
  },
});

function commitsCut(who: string, seats: readonly Seat[], perSeat: number): Fault {
  return defineFault({
    id: "D3",
    title: `the reply to COMMIT is lost at ${who}`,
    invariants: ["I2", "I3", "I8"],
    inject: async (plane) => {
      const before = struck(plane, seats, "cut-on-reply");
      const first = plane.load.some(2, 4);
      for (const seat of seats) plane.proxyOf(seat).set({ kind: "cut-on-reply", reply: commitReply, times: perSeat });
      const work = [...(await plane.load.some(1, 4)), ...(await first)];
      await plane.load.ended(work);
      for (const seat of seats) plane.proxyOf(seat).set({ kind: "none" });
      return { times: struck(plane, seats, "cut-on-reply") - before, work };
    },
  });
}

function struck(plane: Plane, seats: readonly Seat[], kind: Trouble["kind"]): number {
  return seats.reduce((sum, seat) => sum + plane.proxyOf(seat).struck(kind), 0);
}

/** The oracle sees what a client without a key would do: were it blind, D3 would prove nothing. */
const naive = defineFault({
  id: "D3",
  title: "a client that asks again under another key doubles its work, and the oracle sees it",
  onEveryCommit: true,
  invariants: ["I2"],
  inject: async (plane) => {
    const before = struck(plane, ["api"], "cut-on-reply");
    const work = [];
    let asked = 0;
    while (work.length < 3) {
      // The first commits of a request keep its key; one of those behind them makes the run.
      const spared = asked % 4;
      if (asked < 8) plane.proxyOf("api").set({ kind: "cut-on-reply", reply: commitReply, times: 1, spared });
      const key = plane.load.newKey();
      asked++;
      const answer = await plane.as("pia").startRun({ body: { runbook: "one-call", reason: "Naive." }, key });
      if (answer.ok) work.push(answer.body.id);
    }
    plane.proxyOf("api").set({ kind: "none" });
    return { times: struck(plane, ["api"], "cut-on-reply") - before, work: [], told: work.length, asked };
  },
  expect: async ({ pool, load }, { told }) => {
    const row = z.object({ id: z.string(), key: z.string() });
    const made = await query(
      pool,
      sql`select id, request_key as key from plan_run where started_by = 'pia' and reason = 'Naive.'`,
      row,
    );
    assert.ok(made.length > told, `${made.length} were made and ${told} were told`);
    // From here on somebody knows of them.
    const work = made.map(({ id, key }) =>
      load.remember({ kind: "run", id, key, ask: () => Promise.reject(new Error()) }),
    );
    await load.ended(work);
  },
});

const duringTakeover = defineFault({
  id: "D4",
  title: "PostgreSQL ends while the work of a dead worker is being taken over",
  isLong: true,
  invariants: ["I1", "I22"],
  inject: async (plane) => {
    const work = await plane.load.some(2, 1);
    await plane.processes.kill("worker-1");
    // The lease of the dead ends after five seconds: the sweep of the other one falls into what follows.
    await delay(4_000);
    await end(plane, "SIGQUIT");
    await plane.load.ended(work);
    await plane.processes.restart("worker-1", false);
    return { times: 2, work };
  },
});

const halfOpen = defineFault({
  id: "D5",
  title: "connections of a worker are half open for nine seconds, and others take over",
  invariants: ["I1", "I17", "I20"],
  inject: async (plane) => {
    const work = await plane.load.some(3, 1);
    const proxy = plane.proxyOf("worker-1");
    proxy.set({ kind: "half-open" });
    await delay(9_000);
    await plane.load.ended(work);
    proxy.set({ kind: "drop" });
    proxy.set({ kind: "none" });
    return { times: proxy.struck("half-open"), work };
  },
});

const terminated = defineFault({
  id: "D6",
  title: "every session of the product is ended by the server, five times, idle or not",
  onEveryCommit: true,
  invariants: ["I1"],
  inject: async ({ pool, load, processes }) => {
    const asked = [load.some(2, 2)];
    const before = users.map((seat) => processes.pidOf(seat));
    let times = 0;
    for (let time = 0; time < 5; time++) {
      times += await execute(
        pool,
        sql`select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and application_name like 'tidegate%'
              and application_name <> 'tidegate faults'`,
      );
      asked.push(load.some(0, 1));
      await delay(300);
    }
    return { times, work: (await Promise.all(asked)).flat(), before };
  },
  expect: async ({ processes }, { before }) =>
    assert.deepEqual(
      users.map((seat) => processes.isRunning(seat) && processes.pidOf(seat)),
      before,
      "no process has died of it",
    ),
});

const exhausted = defineFault({
  id: "D7",
  title: "slow queries hold every connection of the interface, and leases go on",
  isLong: true,
  invariants: ["I4", "I18", "I20"],
  inject: async (plane) => {
    const client = await plane.pool.connect();
    await client.query("begin");
    await client.query("lock table audit_entry in access exclusive mode");
    const asked = plane.load.some(4, 30);
    await delay(5_000);
    const waiting = await query(
      plane.pool,
      sql`select count(*) as n from pg_stat_activity where application_name = 'tidegate-api' and wait_event_type = 'Lock'`,
      z.object({ n: z.coerce.number() }),
    );
    const lapsed = await query(
      plane.pool,
      sql`select id from executor_lease where expires_at < now() and expires_at > now() - interval '4 seconds'`,
      z.object({ id: z.string() }),
    );
    await client.query("rollback");
    client.release();
    return { times: waiting[0]?.n ?? 0, work: await asked, lapsed };
  },
  expect: async (_, { times, lapsed }) => {
    assert.ok(times >= 15, `${times} of 20 connections waited`);
    assert.deepEqual(lapsed, [], "no lease has ended meanwhile");
  },
});

const noSlots = defineFault({
  id: "D7",
  title: "every slot of the server is taken by strangers",
  invariants: ["I1", "I13"],
  inject: async ({ load, server, proxyOf }) => {
    const work = await load.some(1, 1);
    const { Client } = await import("pg");
    const strangers = Array.from({ length: 140 }, () => new Client({ connectionString: server.connectionString }));
    const outcomes = await Promise.allSettled(
      strangers.map(async (each) => {
        each.on("error", () => undefined);
        await each.connect();
      }),
    );
    const times = outcomes.filter(({ status }) => status === "rejected").length;
    // Whoever is cut now finds no slot to come back to.
    proxyOf("worker-1").cutAll();
    const more = load.some(0, 2);
    await delay(2_000);
    await Promise.all(strangers.map((each) => each.end().catch(() => undefined)));
    return { times, work: [...work, ...(await more)] };
  },
});

const contended = defineFault({
  id: "D8",
  title: "twelve runs want one bay at the same time: conflicts are tried again, a bounded number of times",
  invariants: ["I2", "I4", "I12"],
  inject: async ({ load, pool }) => {
    const row = z.object({ n: z.coerce.number() });
    const rollbacks = sql`select xact_rollback as n from pg_stat_database where datname = current_database()`;
    const before = (await query(pool, rollbacks, row))[0]?.n ?? 0;
    const work = [];
    for (let time = 0; time < 4; time++) work.push(...(await Promise.all([1, 2, 3].map(() => load.run("shared")))));
    await load.ended(work);
    await pool.query("select pg_stat_force_next_flush()");
    await delay(1_100);
    return { times: ((await query(pool, rollbacks, row))[0]?.n ?? 0) - before, work };
  },
  expect: async ({ receiver }, { work }) => {
    const fences = receiver.received
      .filter(({ isFirst, key }) => isFirst && work.some(({ id }) => key === `${id}:forward:drain`))
      .map(({ body }) => z.object({ fences: z.object({ bay: z.number() }) }).parse(body).fences.bay);
    assert.equal(fences.length, work.length);
    assert.deepEqual(
      fences,
      fences.toSorted((a, b) => a - b),
      "one after the other, under rising numbers",
    );
  },
});

const full = defineFault({
  id: "D11",
  title: "the disk of the database is full for three seconds",
  onEveryCommit: true,
  invariants: ["I1", "I8", "I13"],
  lacks: ({ limitedMb }) => (limitedMb === null ? "no file system of limited size can be mounted here" : null),
  inject: async (plane) => {
    const first = await plane.load.some(2, 2);
    const ballast = join(plane.stateDir, "ballast");
    const file = openSync(ballast, "w");
    const piece = Buffer.alloc(1024 * 1024);
    let times = 0;
    try {
      while (statfsSync(plane.stateDir).bavail > 0) writeSync(file, piece);
    } catch {
      // That was the last block.
    }
    try {
      await plane.pool.query("create table ballast as select repeat('x', 900) from generate_series(1, 40000)");
    } catch {
      times++;
    }
    await delay(3_000);
    closeSync(file);
    rmSync(ballast);
    await plane.pool.query("drop table if exists ballast").catch(() => undefined);
    return { times, work: [...first, ...(await plane.load.some(1, 1))] };
  },
});

/** Processes of the server, the oldest first. */
function backends(postmaster: number): readonly number[] {
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, "utf8").trim().split(" ");
  return [postmaster, ...children.map(Number)];
}

/** Runs strace on every process of the server until `body` is over; how often it has struck. */
async function traced(plane: Plane, inject: string, body: () => Promise<void>): Promise<number> {
  const report = join(plane.folder, "strace.txt");
  const pids = backends(plane.server.pid).flatMap((pid) => ["-p", String(pid)]);
  const child = spawn(
    "strace",
    ["-f", "-qq", "-e", "trace=fdatasync,fsync", "-e", `inject=${inject}`, "-o", report, ...pids],
    {
      stdio: "ignore",
    },
  );
  await until("it is attached", async () => existsSync(report));
  try {
    await body();
  } finally {
    child.kill("SIGINT");
    await once(child, "exit");
  }
  return readFileSync(report, "utf8").match(/INJECTED|DELAYED/g)?.length ?? 0;
}

const lacksStrace = (): string | null =>
  spawnSync("strace", ["-e", "trace=none", "true"]).status === 0 ? null : "strace is not installed, or may not trace";

const slowSync = defineFault({
  id: "D12",
  title: "every fsync takes 100 ms longer",
  isLong: true,
  invariants: ["I1", "I8", "I17"],
  lacks: lacksStrace,
  inject: async (plane) => {
    let work: Awaited<ReturnType<Plane["load"]["some"]>> = [];
    const times = await traced(plane, "fdatasync:delay_enter=100000", async () => {
      work = await plane.load.some(2, 2);
      await plane.load.ended(work);
    });
    return { times, work };
  },
});

const failedSync = defineFault({
  id: "D12",
  title: "fsync fails: PostgreSQL panics and recovers",
  onEveryCommit: true,
  invariants: ["I1", "I2", "I8", "I17"],
  lacks: lacksStrace,
  inject: async (plane) => {
    const work = await plane.load.some(2, 3);
    const former = plane.server.pid;
    // Work that is under way commits; whoever asks meanwhile would keep its key in hand for a minute.
    const times = await traced(plane, "fdatasync:error=EIO:when=1", async () => {
      await until("a commit fails", async () => {
        await plane.pool.query("create table if not exists unsure (at timestamptz)").catch(() => undefined);
        return !isAlive(former) || readFileSync(join(plane.folder, "strace.txt"), "utf8").includes("INJECTED");
      });
    });
    await until("it has recovered", async () => {
      await plane.pool.query("drop table if exists unsure");
      return true;
    });
    return { times, work: [...work, ...(await plane.load.some(1, 1))] };
  },
});

const halfMigrated = defineFault({
  id: "D13",
  title: "a worker is killed while it brings a new database forward, and its successor loses a COMMIT",
  isLong: true,
  invariants: ["I1", "I11"],
  inject: async (plane) => {
    const { pool, processes, proxyOf, server, wishOf } = plane;
    await pool.query("create database half");
    const direct = new URL(server.connectionString);
    const wish = wishOf("worker-4");
    const proxy = proxyOf("worker-4");
    const url = urlThrough(direct, proxy.port).replace(/\/[^/?]*(\?|$)/, "/half$1");
    let times = 0;
    // Commits come slowly, so that it dies in the midst of them.
    proxy.set({ kind: "delay", ms: 15 });
    await processes.start("worker-4", { ...wish, databaseUrl: url }, false);
    await until("it has begun", async () => (await tablesOf(server.connectionString, "half")) > 5);
    await processes.kill("worker-4");
    times++;
    proxy.set({ kind: "cut-on-reply", reply: commitReply, times: 1 });
    await processes.restart("worker-4", false);
    await until("it has lost one", async () => proxy.struck("cut-on-reply") > 0);
    times++;
    await until(
      "it has ended or goes on",
      async () => !processes.isRunning("worker-4") || /worker runs/.test(processes.logOf("worker-4")),
    );
    proxy.set({ kind: "none" });
    if (!processes.isRunning("worker-4")) await processes.restart("worker-4");
    const tables = await tablesOf(server.connectionString, "half");
    await processes.kill("worker-4", "SIGTERM");
    await pool.query("drop database half with (force)");
    return { times, work: [], tables };
  },
  expect: async ({ server }, { tables }) =>
    assert.equal(
      tables,
      await tablesOf(server.connectionString, "tidegate"),
      "the schema is the same as that of the other",
    ),
});

async function tablesOf(connectionString: string, database: string): Promise<number> {
  const { Client } = await import("pg");
  const url = new URL(connectionString);
  url.pathname = `/${database}`;
  const client = new Client({ connectionString: url.href });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const found = await query(
      client,
      sql`select count(*) as n from pg_tables where schemaname in ('public', 'dbos')`,
      z.object({ n: z.coerce.number() }),
    );
    return found[0]?.n ?? 0;
  } finally {
    await client.end();
  }
}

function troubled(title: string, seats: readonly Seat[], trouble: Trouble, ms: number, isLong = false): Fault {
  return defineFault({
    id: "D5",
    title,
    invariants: ["I1", "I3", "I17"],
    isLong,
    inject: async (plane) => {
      const before = struck(plane, seats, trouble.kind);
      for (const seat of seats) plane.proxyOf(seat).set(trouble);
      const asked = plane.load.some(2, 2);
      await delay(ms);
      const times = struck(plane, seats, trouble.kind) - before;
      for (const seat of seats) plane.proxyOf(seat).set({ kind: "none" });
      return { times, work: await asked };
    },
  });
}

export const databaseFaults: readonly Fault[] = [
  everyCommit(ended("PostgreSQL is stopped at once, as pg_ctl -m immediate does, twice in a row", "SIGQUIT", 2)),
  ended("PostgreSQL is restarted in order under load", "SIGINT", 1),
  ended("PostgreSQL is killed", "SIGKILL", 1),
  away,
  commitsCut("the interface", ["api"], 6),
  everyCommit(commitsCut("the workers", workers, 6)),
  naive,
  duringTakeover,
  halfOpen,
  troubled("answers of the database to the workers come 150 ms late", workers, { kind: "delay", ms: 150 }, 3_000, true),
  troubled("answers of the database come in drops", users, { kind: "drip", bytes: 256 }, 3_000, true),
  troubled(
    "connections are cut again and again after some kilobytes",
    users,
    { kind: "cut-after", bytes: [500, 20_000] },
    3_000,
    true,
  ),
  // A length that means nothing is waited for until the deadline of the query.
  troubled("answers of the database are garbage", users, { kind: "garbage", times: 5 }, 2_000, true),
  terminated,
  exhausted,
  noSlots,
  contended,
  full,
  slowSync,
  failedSync,
  halfMigrated,
];

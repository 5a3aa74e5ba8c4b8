import assert from "node:assert/strict";
import { globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { query, sql } from "#store/sql.ts";
import { until } from "#test/support/installation.ts";
import { defineFault, everyCommit, type Fault } from "./fault.ts";
import type { Plane } from "./plane.ts";

/*
 * T: clocks of machines that are wrong, and jump. Leases go by the clock of the database; daylight saving and calendars
 * are the matter of the properties of the calendar.
 */

function library(): string | null {
  return globSync("/usr/lib/*/faketime/libfaketime.so.1")[0] ?? null;
}

const lacksFaketime = (): string | null => (library() === null ? "libfaketime is not installed" : null);

function setOffset({ folder }: Plane, offset: string): void {
  writeFileSync(join(folder, "faketime"), `${offset}\n`);
}

/** Only workers with a clock of their own are left, so that whatever is done is done by them. */
async function startFaked(plane: Plane, offset: string): Promise<void> {
  const { folder, processes, wishOf } = plane;
  setOffset(plane, offset);
  if (processes.names().includes("worker-3") && processes.isRunning("worker-3")) return;
  const wish = wishOf("worker-3", {
    LD_PRELOAD: library() ?? "",
    FAKETIME_TIMESTAMP_FILE: join(folder, "faketime"),
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    FAKETIME_NO_CACHE: "1",
  });
  await processes.start("worker-3", wish);
}

const leases = z.object({ n: z.coerce.number() });

async function liveLeases({ pool }: Plane): Promise<number> {
  const found = await query(pool, sql`select count(*) as n from executor_lease where expires_at > now()`, leases);
  return found[0]?.n ?? 0;
}

function jumped(title: string, from: string, to: string, isLast: boolean): Fault {
  return defineFault({
    id: "T1",
    title,
    invariants: ["I4", "I14", "I23"],
    lacks: lacksFaketime,
    inject: async (plane) => {
      await startFaked(plane, from);
      const [before] = await query(plane.pool, sql`select clock_timestamp()::text as at`, z.object({ at: z.string() }));
      const asked = plane.load.some(2, 3);
      await delay(300);
      setOffset(plane, to);
      await delay(1_500);
      const held = await liveLeases(plane);
      const work = await asked;
      await plane.load.ended(work);
      if (isLast) {
        await plane.processes.kill("worker-3", "SIGTERM");
        setOffset(plane, "+0");
      }
      return { times: 1, work, held, before: before?.at };
    },
    expect: async (_, { held }) => assert.ok(held >= 3, `${held} leases are held, by the clock of the database`),
  });
}

const apart = defineFault({
  id: "T2",
  title: "a worker whose clock is ten minutes ahead shares the work of one that is right",
  isLong: true,
  invariants: ["I5", "I14", "I23"],
  lacks: lacksFaketime,
  inject: async (plane) => {
    await startFaked(plane, "+10m");
    await plane.processes.kill("worker-2", "SIGTERM");
    const work = await plane.load.some(3, 4);
    await plane.load.ended(work);
    await plane.processes.restart("worker-2", false);
    return { times: 1, work };
  },
});

const together = defineFault({
  id: "T6",
  title: "thirty runs become due in the same second",
  invariants: ["I14", "I17", "I18"],
  inject: async ({ load, pool }) => {
    const work = await Promise.all(Array.from({ length: 30 }, () => load.run("asked")));
    await until("all have called and ask", async () => {
      const asked = await query(
        pool,
        sql`select count(*) as n from plan_step where name = 'sign' and state = 'running' and run_id = any(${work.map(({ id }) => id)})`,
        leases,
      );
      return asked[0]?.n === work.length;
    });
    const timed = await query(
      pool,
      sql`update plan_run set turn_at = now() + interval '1 second' where id = any(${work.map(({ id }) => id)}) returning id`,
      z.object({ id: z.string() }),
    );
    return { times: timed.length, work };
  },
  expect: async ({ pool }, { work }) => {
    const early = await query(
      pool,
      sql`select count(*) as n from plan_run where id = any(${work.map(({ id }) => id)}) and turned_at < turn_at - interval '50 ms'`,
      leases,
    );
    assert.equal(early[0]?.n, 0, "none fired early");
  },
});

const downOverTime = defineFault({
  id: "T5",
  title: "all workers are down when a wait ends; two come back at once, and it ends once",
  isLong: true,
  invariants: ["I14", "I16"],
  inject: async ({ load, pool, processes }) => {
    const work = [await load.run("asked"), await load.run("asked")];
    const ids = work.map(({ id }) => id);
    await until("both ask", async () => {
      const asked = sql`select count(*) as n from plan_step where name = 'sign' and state = 'running' and run_id = any(${ids})`;
      return (await query(pool, asked, leases))[0]?.n === 2;
    });
    await Promise.all([processes.kill("worker-1"), processes.kill("worker-2")]);
    await query(
      pool,
      sql`update plan_run set turn_at = now() where id = any(${ids}) returning id`,
      z.object({ id: z.string() }),
    );
    await delay(500);
    await Promise.all([processes.restart("worker-1"), processes.restart("worker-2")]);
    return { times: 2, work };
  },
  expect: async ({ receiver }, { work }) => {
    for (const { id } of work)
      assert.equal(receiver.received.filter(({ key, path }) => path === "/undrain" && key.startsWith(id)).length, 1);
  },
});

export const timeFaults: readonly Fault[] = [
  jumped("the clock of a worker jumps ahead by an hour", "+0", "+1h", false),
  jumped("the clock of a worker falls back by five minutes", "+1h", "+55m", false),
  everyCommit(jumped("the clock of a worker falls back by a day", "+55m", "-1d", true)),
  apart,
  together,
  downOverTime,
];

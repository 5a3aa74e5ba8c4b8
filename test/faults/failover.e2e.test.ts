import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { z } from "zod";
import { query, sql } from "#store/sql.ts";
import { until } from "#test/support/installation.ts";
import { examine, type Memory } from "./oracle.ts";
import { openPlane, type Plane, type Seat } from "./plane.ts";
import { standbySocket, startStandby } from "./standby.ts";
import { seed } from "./suite.ts";
import type { Work } from "./load.ts";

/*
 * Several workers on a primary with a synchronous standby. The primary dies under load, the standby is promoted, and
 * whoever was told of something finds it there. Then every worker is replaced, under load as well.
 */

async function askAllTheTime(plane: Plane, isOver: () => boolean): Promise<readonly Work[]> {
  const work: Work[] = [];
  while (!isOver()) {
    work.push(await plane.load.run("two-calls"));
    if (work.length % 4 === 0) work.push(await plane.load.deploy());
  }
  return work;
}

test(
  "A primary that dies loses nothing that was promised, and workers go on with the standby",
  { timeout: 600_000 },
  async (t) => {
    await using plane = await openPlane(seed, { standbySocket });
    const memory: Memory = { ends: new Map(), told: new Set() };
    const standby = await startStandby(plane.folder, plane.stateDir, plane.server);
    try {
      await t.test("Acknowledged is what both servers have", async () => {
        let isOver = false;
        const asking = [1, 2, 3].map(() => askAllTheTime(plane, () => isOver));
        await delay(2_000);
        await until("work is under way", async () => plane.load.acknowledged.length > 3);
        // Nobody starts it again: whoever is dead stays fenced.
        plane.server.release();
        process.kill(plane.server.pid, "SIGKILL");
        const before = plane.load.acknowledged.length;
        await delay(1_000);
        const startedAt = performance.now();
        await promote(standby.connectionString);
        await until("somebody is answered again", async () => plane.load.acknowledged.length > before + 3);
        t.diagnostic(
          `answered again ${((performance.now() - startedAt) / 1000).toFixed(1)} s after the promotion began`,
        );
        isOver = true;
        const work = (await Promise.all(asking)).flat();
        assert.ok(before > 3 && work.length > before, `${before} before and ${work.length} in all`);
        const seconds = await plane.load.ended(work);
        t.diagnostic(`${work.length} pieces of work have ended ${seconds.toFixed(1)} s later`);
        assert.deepEqual(await examine(plane, memory), []);
      });
      await t.test("Workers come, leave in order, die, and are replaced under load", async () => {
        await replaceWorkers(plane);
        assert.deepEqual(await examine(plane, memory), []);
      });
      await t.test("What is stuck is explained, and here nothing is", async () => {
        const row = z.object({ n: z.coerce.number() });
        const open = await query(plane.pool, sql`select count(*) as n from plan_run where state = 'running'`, row);
        assert.equal(open[0]?.n, 0);
        await until("it is ready", async () => (await fetch(`${plane.url}/readyz`)).status === 200);
      });
    } finally {
      await plane.processes.endAll();
      await standby.stop();
    }
  },
);

async function promote(connectionString: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.query("select pg_promote(true, 60)");
  await client.end();
}

async function replaceWorkers(plane: Plane): Promise<void> {
  const { load, processes, wishOf } = plane;
  let isOver = false;
  const asking = [1, 2].map(() => askAllTheTime(plane, () => isOver));
  const add = (seat: Seat): Promise<void> => processes.start(seat, wishOf(seat));
  await add("worker-3");
  await processes.kill("worker-1", "SIGTERM");
  assert.equal(processes.exitOf("worker-1"), 0, "it left in order");
  await processes.kill("worker-2", "SIGKILL");
  await processes.restart("worker-2");
  await processes.kill("worker-3", "SIGTERM");
  isOver = true;
  const work = (await Promise.all(asking)).flat();
  assert.ok(work.length > 5);
  await load.ended(work);
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { oldestDueWork, runsPutAside } from "#store/due-work.ts";
import { execute, sql } from "#store/sql.ts";
import { aDeployment, freshStore, insertDeployment, noon, type TestStore } from "#test/support/store.ts";

const idOf = (nth: number): string => `run_${String(nth).padStart(32, "0")}`;

async function insertRun({ pool }: TestStore, nth: number, turnAt: Temporal.Instant): Promise<void> {
  await execute(
    pool,
    sql`insert into plan_run (id, runbook, version, plan, reason, owner, started_by, account, started_at, turn_at, deadline)
        values (${idOf(nth)}, 'move', 'x', '{}', 'A.', 'ann', 'ann', 'ann', ${noon.subtract({ hours: 2 }).toString()},
                ${turnAt.toString()}, ${turnAt.add({ hours: 1 }).toString()})`,
  );
}

test("what has been due the longest is named: waiting work, a run, its turn, a webhook", async () => {
  await using store = await freshStore();
  const { pool } = store;
  const now = noon.add({ minutes: 10 });
  assert.equal(await oldestDueWork(pool, now), null);
  const waiting = await insertDeployment(store, aDeployment({ nextCheckAt: noon.add({ minutes: 5 }) }));
  assert.deepEqual(await oldestDueWork(pool, now), {
    kind: "deployment",
    id: waiting,
    since: noon.add({ minutes: 5 }),
  });
  await insertRun(store, 1, noon.add({ hours: 4 }));
  assert.equal((await oldestDueWork(pool, now))?.kind, "deployment", "a run with nothing to do is not due");
  await execute(
    pool,
    sql`insert into plan_step (run_id, part, name, state, begun_at, deadline, look_at)
        values (${idOf(1)}, 'forward', 'call', 'running', ${noon.toString()}, ${noon.add({ hours: 1 }).toString()},
                ${noon.add({ minutes: 4 }).toString()})`,
  );
  assert.deepEqual(await oldestDueWork(pool, now), { kind: "run", id: idOf(1), since: noon.add({ minutes: 4 }) });
  await insertRun(store, 2, noon.add({ minutes: 3 }));
  assert.deepEqual(await oldestDueWork(pool, now), { kind: "run", id: idOf(2), since: noon.add({ minutes: 3 }) });
  await execute(
    pool,
    sql`insert into hook_delivery (id, source, delivery, event, body, received_at)
        values ('hkd_1', 'ci', 'one', 'gate.ask', '{}', now() - interval '8 minutes')`,
  );
  const hook = await oldestDueWork(pool, now);
  assert.deepEqual([hook?.kind, hook?.id], ["webhook", "hkd_1"]);
});

test("a run that was put aside is named apart, and is not what progress is measured by", async () => {
  await using store = await freshStore();
  await insertRun(store, 1, noon);
  const paused = noon.add({ seconds: 30 }).toString();
  await execute(store.pool, sql`update plan_run set paused_until = ${paused}`);
  const soon = noon.add({ seconds: 10 });
  assert.deepEqual([await oldestDueWork(store.pool, soon), await runsPutAside(store.pool, soon)], [null, [idOf(1)]]);
  const later = noon.add({ seconds: 40 });
  assert.deepEqual(
    [(await oldestDueWork(store.pool, later))?.id, await runsPutAside(store.pool, later)],
    [idOf(1), []],
  );
});

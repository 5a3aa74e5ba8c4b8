import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { transaction } from "#store/sql.ts";
import { createDbosEngine } from "#workflows/engine/dbos.ts";
import { silentLog } from "#workflows/engine/log.ts";
import { conforms } from "./conformance.ts";
import { dbosBench, transactOn, type DbosBench, type PgTx } from "./dbos-bench.ts";

let bench: DbosBench;
before(async () => {
  bench = await dbosBench();
});
after(() => bench.close());

conforms<PgTx>("dbos", () => ({
  starter: bench.engine.starter,
  transact: transactOn(bench.pool),
  now: bench.clock.now,
  result: bench.result,
  status: async (id) => (await bench.engine.inspect(id))?.status ?? null,
  idle: bench.idle,
  advance: async (by) => bench.advance(by),
  effects: () => bench.effects,
  rows: bench.rows,
}));

test("health names the age of work that could go on, and not of work that waits its turn", async () => {
  const start = (id: string, workflow: string, input: unknown, queue: string) =>
    transaction(bench.pool, (tx) =>
      bench.engine.starter.start(tx, { workflow, id, input, place: { queue, key: "health" } }),
    );
  const until = bench.clock.now().add({ hours: 1 }).toString();
  await start("health-holder", "listener", { count: 1, until }, "runs");
  await bench.idle("health-holder");
  await start("health-waiting", "exclusive", { name: "health" }, "runs");
  assert.equal((await bench.engine.health()).oldestDueMs, null);
  await start("health-lost", "exclusive", { name: "health" }, "a queue that nobody serves");
  const health = await bench.engine.health();
  assert.ok(health.oldestDueMs !== null && health.oldestDueMs < 5_000, `oldest is ${health.oldestDueMs}`);
  assert.equal(health.leaseHeld, true);
  // A wait that is still open when the engine stops would keep this process alive until its next poll.
  await transaction(bench.pool, (tx) =>
    bench.engine.starter.send(tx, { to: "health-holder", topic: "news", body: "end", key: "health" }),
  );
  await bench.result("health-waiting");
});

test("a process has one engine at most", async () => {
  const second = createDbosEngine<PgTx>({
    connectionString: bench.database.connectionString,
    bind: (client) => client,
    clientOf: (tx) => tx,
    queues: [],
    clock: bench.clock,
    log: silentLog,
  });
  await assert.rejects(second, /has a DBOS engine already/);
});

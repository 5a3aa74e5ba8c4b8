import assert from "node:assert/strict";
import { test } from "node:test";
import { conforms } from "./conformance.ts";
import { memoryBench, startOfTime, type MemoryTx } from "./memory-bench.ts";

const shared = memoryBench();
conforms<MemoryTx>("memory", () => ({
  starter: shared.engine.starter,
  transact: shared.transact,
  now: shared.clock.now,
  result: async (id) => {
    await shared.engine.settle();
    // A retry waits on the clock of the world.
    await shared.engine.advanceTo(shared.clock.now().add({ seconds: 30 }));
    const run = shared.engine.inspect(id);
    if (run?.status === "failed") throw new Error(run.error ?? "");
    assert.equal(run?.status, "done");
    return run.output;
  },
  status: async (id) => shared.engine.inspect(id)?.status ?? null,
  idle: () => shared.engine.settle(),
  advance: (by) => shared.engine.advanceTo(shared.clock.now().add(by)),
  effects: () => shared.effects,
  rows: async () => shared.rows,
}));

const input = {
  name: "payments",
  environment: "prod",
  expiresAt: startOfTime.add({ hours: 48 }).toString(),
  notBefore: startOfTime.add({ hours: 20 }).toString(),
};
const place = { queue: "runs", key: "r1" };

async function play(death: number): Promise<ReturnType<typeof memoryBench>> {
  const bench = memoryBench();
  bench.engine.crashAt(death);
  await bench.transact((tx) => bench.engine.starter.start(tx, { workflow: "release", id: "r1", input, place }));
  await bench.engine.settle();
  const approval = { to: "r1", topic: "approval", body: { ok: true }, key: "k" };
  await bench.transact((tx) => bench.engine.starter.send(tx, approval));
  await bench.engine.drain();
  return bench;
}

test("a release that dies at any point at which it can die ends as if it had not", async () => {
  const calm = await play(0);
  const points = calm.engine.points();
  assert.ok(points >= 20, `only ${points} points of death were found`);
  for (let death = 1; death <= points; death += 1) {
    const bench = await play(death);
    assert.equal(bench.engine.inspect("r1")?.output, "released", `death at point ${death}`);
    assert.deepEqual(bench.rows, calm.rows, `a transaction was lost or doubled at point ${death}`);
    const keys = new Set(bench.effects.map(({ key }) => key));
    assert.deepEqual(keys, new Set(calm.effects.map(({ key }) => key)), `death at point ${death}`);
    assert.ok(bench.effects.length <= calm.effects.length + 1, `more than one step was repeated at point ${death}`);
    assert.deepEqual(bench.engine.inspect("r1")?.history, calm.engine.inspect("r1")?.history);
  }
});

test("two equal worlds have equal histories", async () => {
  const [one, two] = [await play(7), await play(7)];
  assert.deepEqual(one.effects, two.effects);
  assert.deepEqual(one.engine.inspect("r1"), two.engine.inspect("r1"));
});

test("a result that JSON would change is refused, because the durable engine would change it silently", async () => {
  const bench = memoryBench();
  bench.engine.register({
    name: "lossy",
    body: (flow) => flow.step("read", async () => ({ at: startOfTime })),
  });
  await bench.transact((tx) =>
    bench.engine.starter.start(tx, { workflow: "lossy", id: "l1", input: null, place: { queue: "runs", key: "l" } }),
  );
  await bench.engine.settle();
  assert.match(bench.engine.inspect("l1")?.error ?? "", /"?read"?: the value does not survive JSON/);
});

test("timers that nobody waits for any more do not move the clock", async () => {
  const bench = await play(0);
  const end = bench.clock.now();
  assert.equal(end.toString(), startOfTime.add({ hours: 20 }).toString());
});

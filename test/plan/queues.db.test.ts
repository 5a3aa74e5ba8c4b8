import assert from "node:assert/strict";
import { test } from "node:test";
import { callOf, openPlans, type PlanPlane } from "#test/plan/plane.ts";

const documents = `apiVersion: tidegate.dev/v1
kind: Resource
metadata: { name: orders-db }
spec: { owner: checkout, capacity: 1 }
---
apiVersion: tidegate.dev/v1
kind: Resource
metadata: { name: cluster }
spec: { owner: checkout, capacity: 2 }
---
${["one", "two", "three"]
  .map(
    (name) => `apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: ${name} }
spec:
  owner: checkout
  within: PT8H
  steps:
    - { name: migrate, timeout: PT1H, uses: [{ resource: orders-db }], humanTask: { who: checkout, instruction: Migrate. } }
    - { name: thank, after: [migrate], record: Thank you. }
  rollback: [{ name: look, timeout: PT1H, humanTask: { who: checkout, instruction: Look. } }]
`,
  )
  .join("---\n")}
---
apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: narrow }
spec:
  owner: checkout
  within: PT8H
  parallel: 1
  steps:
    - { name: migrate, timeout: PT1H, uses: [{ resource: orders-db }], humanTask: { who: checkout, instruction: Migrate. } }
    - { name: tell, timeout: PT1H, humanTask: { who: checkout, instruction: Tell. } }
  rollback: [{ name: look, timeout: PT1H, humanTask: { who: checkout, instruction: Look. } }]
---
apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: call }
spec:
  owner: checkout
  within: PT8H
  steps:
    - { name: move, timeout: PT1H, uses: [{ resource: orders-db }, { resource: cluster, units: 2 }], http: { url: "https://ops.example/move" }, irreversible: So. }
  rollback: [{ name: look, timeout: PT1H, humanTask: { who: checkout, instruction: Look. } }]
`;

async function withPlane(body: (plane: PlanPlane) => Promise<void>): Promise<void> {
  await using plane = await openPlans(documents);
  await body(plane);
}

async function done({ plans }: PlanPlane, id: string, step = "migrate"): Promise<void> {
  const answer = { id, part: "forward", step, outcome: "done", note: "It is so.", form: {} } as const;
  const answered = await plans.answerTask(answer, callOf("olga"));
  assert.ok(answered.ok, JSON.stringify(answered));
}

test("Of two that start at the same time one runs and the other sees its place, the holder and when it may begin", () =>
  withPlane(async (plane) => {
    const { start, marks, show, look, clock } = plane;
    const [first, second] = await Promise.all([start("one"), start("two")]);
    const states = await Promise.all([marks(first.run.id), marks(second.run.id)]);
    const [running, queued] = states[0]?.[0] === "forward/migrate running" ? [first, second] : [second, first];
    assert.deepEqual(await marks(running.run.id), ["forward/migrate running"]);
    assert.deepEqual(await marks(queued.run.id), ["forward/migrate queued"]);
    const [place] = (await show(queued.run.id)).queues.get("forward/migrate") ?? [];
    assert.ok(place !== undefined);
    assert.deepEqual([place.resource, place.position, place.capacity], ["orders-db", 1, 1]);
    assert.deepEqual(
      place.holders.map(({ run, name }) => `${run}/${name}`),
      [`${running.run.id}/migrate`],
    );
    assert.equal(
      place.expected?.to.toString(),
      clock.now().add({ hours: 1 }).toString(),
      "at its time-out at the latest",
    );
    await done(plane, running.run.id);
    assert.equal(await look(), 1, "whoever is next is told at once");
    assert.deepEqual(await marks(queued.run.id), ["forward/migrate running"]);
    assert.equal((await show(queued.run.id)).queues.size, 0);
  }));

test("An emergency goes first in the queue and interrupts nobody", () =>
  withPlane(async (plane) => {
    const { start, marks, show, look } = plane;
    const [first, second] = [await start("one"), await start("two")];
    const urgent = await start("three", true);
    assert.deepEqual(await marks(first.run.id), ["forward/migrate running"]);
    const place = async (id: string) => (await show(id)).queues.get("forward/migrate")?.[0]?.position;
    assert.deepEqual([await place(urgent.run.id), await place(second.run.id)], [1, 2]);
    await done(plane, first.run.id);
    await look();
    assert.deepEqual(await marks(urgent.run.id), ["forward/migrate running"]);
    assert.deepEqual(await marks(second.run.id), ["forward/migrate queued"]);
    const hurried = { runbook: "one", reason: "I am in a hurry.", owner: null, urgent: true };
    assert.deepEqual(await plane.plans.startRun(hurried, callOf("carl")), { ok: false, error: "may-not-hurry" });
  }));

test("What is expected follows what steps of this name took before", () =>
  withPlane(async (plane) => {
    const { start, show, clock, look } = plane;
    for (let turn = 0; turn < 3; turn++) {
      const { run } = await start("one");
      clock.advance(Temporal.Duration.from({ minutes: 10 }));
      await done(plane, run.id);
    }
    await start("one");
    const waiting = await start("one");
    clock.advance(Temporal.Duration.from({ minutes: 4 }));
    await look();
    const [place] = (await show(waiting.run.id)).queues.get("forward/migrate") ?? [];
    assert.equal(place?.expected?.from.toString(), clock.now().add({ minutes: 6 }).toString());
    assert.equal(place?.expected?.to.toString(), clock.now().add({ minutes: 6 }).toString());
  }));

test("What comes out of the queue goes no further than the limit of its run allows", () =>
  withPlane(async (plane) => {
    const { start, marks, look, clock } = plane;
    const holder = await start("one");
    const narrow = await start("narrow");
    assert.deepEqual(await marks(narrow.run.id), ["forward/migrate queued", "forward/tell running"]);
    await done(plane, holder.run.id);
    await look();
    assert.deepEqual(await marks(narrow.run.id), ["forward/migrate queued", "forward/tell running"]);
    await done(plane, narrow.run.id, "tell");
    clock.advance(Temporal.Duration.from({ minutes: 1 }));
    await look();
    assert.deepEqual(await marks(narrow.run.id), ["forward/migrate running", "forward/tell done"]);
  }));

test("A run that turns back leaves the queue, and the next one moves up", () =>
  withPlane(async (plane) => {
    const { start, plans, show, marks } = plane;
    const [, second, third] = [await start("one"), await start("two"), await start("three")];
    assert.ok((await plans.turnRun({ id: second.run.id, reason: "Not today." }, callOf("olga"))).ok);
    assert.deepEqual(await marks(second.run.id), ["forward/migrate skipped"]);
    assert.equal((await show(second.run.id)).run.state, "aborted");
    assert.equal((await show(third.run.id)).queues.get("forward/migrate")?.[0]?.position, 1);
  }));

test("Every grant has a higher fencing number, and a call carries those of all that it uses", () =>
  withPlane(async (plane) => {
    const { start, store, transact, calls, answer } = plane;
    await store.pool.query(
      "insert into callback_endpoint (id, name, url, secret, created_by, created_at) values ('cbk_1', 'ops', 'https://ops.example/', 'whsec_x', 'olga', now())",
    );
    const first = await start("call");
    const fencesOf = (id: string) =>
      transact(async (records) =>
        Object.fromEntries(await records.claims.fences({ run: id, part: "forward", name: "move" })),
      );
    assert.deepEqual(await fencesOf(first.run.id), { cluster: 1, "orders-db": 1 });
    const second = await start("call");
    assert.deepEqual(await fencesOf(second.run.id), {});
    assert.equal(calls.length, 1);
    assert.equal(await answer({ run: first.run.id, part: "forward", name: "move" }, "done"), true);
    await plane.look();
    assert.deepEqual(await fencesOf(second.run.id), { cluster: 2, "orders-db": 2 });
    assert.equal(calls.length, 2);
  }));

test("Thirty runs at once share one resource: never two at a time, in the order of arrival, and all of them end", () =>
  withPlane(async (plane) => {
    const { start, store, look, show } = plane;
    const runs: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const started = await Promise.all(Array.from({ length: 5 }, () => start("one")));
      runs.push(...started.map(({ run }) => run.id));
    }
    const holders = async (): Promise<readonly string[]> => {
      const found = await store.pool.query<{ run_id: string }>(
        "select run_id from plan_claim where held_at is not null and released_at is null",
      );
      return found.rows.map(({ run_id: id }) => id);
    };
    const served: string[] = [];
    for (let turn = 0; turn < runs.length; turn++) {
      const held = await holders();
      assert.equal(held.length, 1);
      await look();
      served.push(held[0] ?? "");
      await done(plane, held[0] ?? "");
    }
    assert.deepEqual([...served].toSorted(), [...runs].toSorted());
    const asked = await store.pool.query<{ run_id: string }>("select run_id from plan_claim order by seq");
    assert.deepEqual(
      served,
      asked.rows.map(({ run_id: id }) => id),
    );
    for (const id of runs) assert.equal((await show(id)).run.state, "succeeded");
  }));

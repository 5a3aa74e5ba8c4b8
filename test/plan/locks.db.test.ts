import assert from "node:assert/strict";
import { test } from "node:test";
import { prepareCall } from "#usecases/plan/make-call.ts";
import { callOf, openPlans, type PlanPlane } from "#test/plan/plane.ts";

const back = "rollback: [{ name: look, timeout: PT1H, humanTask: { who: checkout, instruction: Look. } }]";
const runbook = (name: string, lock: string): string => `apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: ${name} }
spec:
  owner: checkout
  within: P2D
  steps:
    - { name: keep, timeout: PT2H, lock: ${lock} }
    - { name: work, after: [keep], timeout: PT8H, humanTask: { who: checkout, instruction: Work. } }
    - { name: tell, after: [work], timeout: PT1H, http: { url: "https://ops.example/tell" }, irreversible: It is said. }
  ${back}
---
`;
const documents = [
  `apiVersion: tidegate.dev/v1
kind: Resource
metadata: { name: cluster }
spec: { owner: checkout, capacity: 2 }
---
`,
  runbook("one", "{ resources: [{ resource: cluster, units: 2 }] }"),
  runbook("two", "{ resources: [{ resource: cluster }] }"),
  runbook("place", "{ environments: [prod] }"),
].join("");

async function withPlane(body: (plane: PlanPlane) => Promise<void>): Promise<void> {
  await using plane = await openPlans(documents);
  await plane.store.pool.query(
    "insert into callback_endpoint (id, name, url, secret, created_by, created_at) values ('cbk_1', 'ops', 'https://ops.example/', 'whsec_x', 'olga', now())",
  );
  await body(plane);
}

const done = async ({ plans }: PlanPlane, id: string): Promise<void> => {
  const answer = { id, part: "forward", step: "work", outcome: "done", note: "It is so.", form: {} } as const;
  assert.ok((await plans.answerTask(answer, callOf("olga"))).ok);
};

/** The fencing numbers that the call of the last step carries. */
const fences = (plane: PlanPlane, run: string): Promise<unknown> =>
  plane.transact(async (records) => {
    const call = await prepareCall(records, { run, part: "forward", name: "tell" });
    const body: { readonly fences: unknown } = JSON.parse(call?.body ?? "{}");
    return body.fences;
  });

test("Units that a run has locked are its own over all its steps, carried by its calls, and given back at its end", () =>
  withPlane(async (plane) => {
    const { start, marks, show, answer, look } = plane;
    const first = await start("one");
    const second = await start("two");
    assert.deepEqual(await marks(first.run.id), ["forward/keep done", "forward/work running"]);
    assert.match(first.steps[0]?.outcome ?? "", /^The run holds cluster under number 1 to its end\.$/);
    assert.deepEqual(await marks(second.run.id), ["forward/keep queued"]);
    const [place] = (await show(second.run.id)).queues.get("forward/keep") ?? [];
    assert.deepEqual(
      place?.holders.map(({ run, name }) => `${run}/${name}`),
      [`${first.run.id}/keep`],
    );
    await done(plane, first.run.id);
    assert.equal(await look(), 0, "it holds on");
    assert.deepEqual(await fences(plane, first.run.id), { cluster: 1 });
    assert.equal(await answer({ run: first.run.id, part: "forward", name: "tell" }, "done"), true);
    assert.equal((await show(first.run.id)).run.state, "succeeded");
    await look();
    assert.deepEqual(await marks(second.run.id), ["forward/keep done", "forward/work running"]);
    await done(plane, second.run.id);
    assert.deepEqual(await fences(plane, second.run.id), { cluster: 2 });
  }));

test("A run that turns back gives its lock back when the way back is over, and not before", () =>
  withPlane(async (plane) => {
    const { start, marks, plans, answer, look } = plane;
    const first = await start("one");
    const second = await start("two");
    await done(plane, first.run.id);
    assert.equal(await answer({ run: first.run.id, part: "forward", name: "tell" }, "failed"), true);
    await look();
    assert.deepEqual(await marks(second.run.id), ["forward/keep queued"], "somebody looks at what is there");
    const looked = {
      id: first.run.id,
      part: "rollback",
      step: "look",
      outcome: "done",
      note: "So.",
      form: {},
    } as const;
    assert.ok((await plans.answerTask(looked, callOf("olga"))).ok);
    await look();
    assert.deepEqual(await marks(second.run.id), ["forward/keep done", "forward/work running"]);
  }));

test("Who has locked an environment keeps deployments and other runs out of it, under one number", () =>
  withPlane(async (plane) => {
    const { start, marks, plans, operations, look, store, show } = plane;
    const { run } = await start("place");
    const other = await start("place");
    assert.deepEqual(await marks(other.run.id), ["forward/keep running"]);
    assert.match(other.steps[0]?.notes?.waits?.because.join() ?? "", new RegExp(`held by ${run.id}`));
    const request = { service: "checkout-api", version: "1.0.0", environment: "prod", class: "normal" } as const;
    const asked = await operations.requestDeployment({ ...request, whenBlocked: "wait" }, callOf("olga"));
    assert.ok(asked.ok);
    const state = await store.pool.query<{ state: string }>("select state from deployment where id = $1", [
      asked.value,
    ]);
    assert.equal(state.rows[0]?.state, "waiting");
    await done(plane, run.id);
    const carried = JSON.stringify(await fences(plane, run.id));
    assert.match(carried, /^\{"environment:prod":\d+\}$/);
    assert.ok((await plans.turnRun({ id: run.id, reason: "Not today." }, callOf("olga"))).ok);
    await plane.answer({ run: run.id, part: "forward", name: "tell" }, "done");
    const looked = { id: run.id, part: "rollback", step: "look", outcome: "done", note: "So.", form: {} } as const;
    assert.ok((await plans.answerTask(looked, callOf("olga"))).ok);
    assert.notEqual((await show(run.id)).run.endedAt, null);
    assert.equal(await look(), 1, "whoever waits for it is woken");
    assert.deepEqual(await marks(other.run.id), ["forward/keep done", "forward/work running"]);
  }));

test("A lock that is not free in time is refused, and nothing has been changed", () =>
  withPlane(async ({ start, show, look, clock }) => {
    await start("place");
    const { run } = await start("place");
    clock.advance(Temporal.Duration.from({ hours: 2 }));
    await look();
    const ended = await show(run.id);
    assert.equal(ended.steps[0]?.state, "refused");
    assert.match(ended.run.outcome ?? "", /^keep failed: It was not free in time\. .* Nothing had been changed\.$/);
  }));

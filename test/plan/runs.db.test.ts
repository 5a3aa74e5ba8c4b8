import assert from "node:assert/strict";
import { test } from "node:test";
import { callOf, openPlans, type PlanPlane } from "#test/plan/plane.ts";

const runbook = (name: string, spec: string): string => `apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: ${name} }
spec:
  owner: checkout
${spec.replace(/^/gm, "  ")}
---
`;

const back = "rollback: [{ name: look, timeout: PT1H, humanTask: { who: checkout, instruction: Look. } }]";

const documents = [
  runbook(
    "move",
    `within: P2D
steps:
  - { name: announce, record: Orders are about to move. }
  - { name: sign, after: [announce], timeout: PT26H, humanTask: { who: compliance, instruction: Compare and sign., form: [{ name: balance, label: Balance in cents, type: number }] } }
  - { name: settle, after: [sign], soak: PT15M }
${back}`,
  ),
  runbook(
    "ship",
    `within: P1D
steps:
  - { name: cart, timeout: PT4H, subRelease: { service: checkout-api, version: 1.0.0, environment: prod }, undo: { rollBack: { step: cart } } }
  - { name: thank, after: [cart], record: Thank you. }
${back}`,
  ),
  runbook(
    "calls",
    `within: PT4H
parallel: 2
steps:
  - { name: a, http: { url: "https://ops.example/a" }, undo: { http: { url: "https://ops.example/a/undo" } } }
  - { name: b, http: { url: "https://ops.example/b" }, irreversible: A letter is a letter. }
  - { name: c, http: { url: "https://ops.example/c" }, undo: { http: { url: "https://ops.example/c/undo" } } }
  - { name: d, after: [a, b, c], http: { url: "https://ops.example/d" }, undo: { http: { url: "https://ops.example/d/undo" } } }
${back}`,
  ),
].join("");

async function withPlane(body: (plane: PlanPlane) => Promise<void>): Promise<void> {
  await using plane = await openPlans(documents);
  await body(plane);
}

const answerOf = (id: string, step: string, form = {}) =>
  ({ id, part: "forward", step, outcome: "done", note: "It is so.", form }) as const;

test("A human step waits for whom it names, takes what its form asks for, and lets the run go on", () =>
  withPlane(async ({ plans, start, marks, clock, look, show }) => {
    const { run } = await start("move");
    assert.deepEqual(await marks(run.id), ["forward/announce done", "forward/sign running"]);
    clock.advance(Temporal.Duration.from({ hours: 25 }));
    assert.equal(await look(), 0, "nothing is due");
    const byOlga = await plans.answerTask(answerOf(run.id, "sign", { balance: 1 }), callOf("olga"));
    assert.deepEqual(!byOlga.ok && byOlga.error, { code: "not-asked", who: "compliance" });
    const empty = await plans.answerTask(answerOf(run.id, "sign"), callOf("carl"));
    assert.deepEqual(!empty.ok && empty.error, {
      code: "bad-answer",
      problems: ['"balance" is missing: Balance in cents'],
    });
    const strange = await plans.answerTask(answerOf(run.id, "sign", { balance: "much", x: 1 }), callOf("carl"));
    assert.equal(!strange.ok && strange.error.code === "bad-answer" && strange.error.problems.length, 2);
    const signed = await plans.answerTask(answerOf(run.id, "sign", { balance: 12 }), callOf("carl"));
    assert.ok(signed.ok);
    assert.deepEqual(await marks(run.id), ["forward/announce done", "forward/sign done", "forward/settle running"]);
    const again = await plans.answerTask(answerOf(run.id, "sign", { balance: 13 }), callOf("carl"));
    assert.deepEqual(!again.ok && again.error, { code: "already-answered" });
    clock.advance(Temporal.Duration.from({ minutes: 15 }));
    assert.equal(await look(), 1);
    const ended = await show(run.id);
    assert.equal(ended.run.state, "succeeded", ended.run.outcome ?? "");
    assert.deepEqual(ended.steps[1]?.answer, { by: "carl", form: { balance: 12 } });
  }));

test("A task that nobody answers in time ends the run, and where nothing was changed there is no way back", () =>
  withPlane(async ({ start, clock, look, show }) => {
    const { run } = await start("move");
    clock.advance(Temporal.Duration.from({ hours: 26 }));
    assert.equal(await look(), 1);
    const ended = await show(run.id);
    assert.equal(ended.run.state, "failed");
    assert.equal(ended.run.outcome, "sign failed: compliance did not answer in time. Nothing had been changed.");
  }));

test("A run turns back by itself when the way back could not be over in time otherwise", () =>
  withPlane(async ({ plans, store, start, clock, look, show, marks }) => {
    await register(store, "https://ops.example/");
    const { run } = await start("calls");
    assert.equal(run.deadline.since(run.turnAt).total("minutes"), 62, "two undos after each other, and an hour");
    clock.set(run.turnAt);
    await look();
    const turned = await show(run.id);
    assert.equal(turned.run.turned?.by, "system");
    assert.deepEqual(await marks(run.id), ["forward/a failed", "forward/b failed", "undo/a running"]);
    assert.equal((await plans.turnRun({ id: run.id, reason: "x" }, callOf("olga"))).ok, false);
  }));

test("Independent calls go at the same time up to the limit; a failure undoes what was done, last first", () =>
  withPlane(async ({ transact, store, start, calls, answer, marks, plans, show }) => {
    await register(store, "https://ops.example/");
    const { run } = await start("calls");
    const id = (name: string, part: "forward" | "undo" | "rollback" = "forward") => ({ run: run.id, part, name });
    assert.deepEqual(
      calls.map(({ name }) => name),
      ["a", "b"],
    );
    assert.equal(await answer(id("a"), "done"), true);
    assert.equal(await answer(id("a"), "failed"), false, "an end is final");
    assert.deepEqual(
      calls.map(({ name }) => name),
      ["a", "b", "c"],
    );
    await answer(id("b"), "done");
    await answer(id("c"), "done");
    await answer(id("d"), "failed");
    assert.deepEqual(await marks(run.id), [
      "forward/a done",
      "forward/b done",
      "forward/c done",
      "forward/d failed",
      "undo/d running",
    ]);
    await answer(id("d", "undo"), "done");
    assert.deepEqual((await marks(run.id)).slice(-2), ["undo/a running", "undo/c running"]);
    await answer(id("a", "undo"), "done");
    await answer(id("c", "undo"), "done");
    assert.equal((await marks(run.id)).at(-1), "rollback/look running");
    const looked = await plans.answerTask({ ...answerOf(run.id, "look"), part: "rollback" }, callOf("olga"));
    assert.ok(looked.ok);
    const ended = await show(run.id);
    assert.equal(ended.run.state, "rolled-back");
    assert.equal(ended.run.outcome, "d failed: It was failed. The way back is done.");
    await assert.rejects(
      transact((records) => records.runs.turn(run.id, { by: "x", at: run.startedAt, reason: "x" })),
      /has ended as rolled-back/,
    );
  }));

test("A call to an address that nobody registered fails at once and is not sent", () =>
  withPlane(async ({ start, calls }) => {
    const { run, steps } = await start("calls");
    assert.deepEqual(calls, []);
    assert.deepEqual(
      [steps[0]?.state, steps[0]?.outcome],
      ["refused", "Nobody has registered https://ops.example/a for messages."],
    );
    assert.equal(run.state, "failed", "nothing was touched, so there is nothing to take back");
  }));

test("A sub-release is a deployment of its own, and the step ends with it", () =>
  withPlane(async ({ start, marks, finish, look, show }) => {
    const { run, steps } = await start("ship");
    const deployment = steps[0]?.deployment;
    assert.ok(deployment !== null && deployment !== undefined);
    assert.equal(await look(), 0, "it is looked at when it ends, or after a while");
    await finish(deployment, "succeeded");
    assert.equal(await look(), 1);
    assert.deepEqual(await marks(run.id), ["forward/cart done", "forward/thank done"]);
    assert.equal((await show(run.id)).run.state, "succeeded");
  }));

test("A run that is turned back takes its deployment along, and ends only when that has ended", () =>
  withPlane(async ({ plans, start, show, look, store, marks }) => {
    const { run, steps } = await start("ship");
    const turned = await plans.turnRun({ id: run.id, reason: "The shop is on fire." }, callOf("olga"));
    assert.ok(turned.ok);
    const id = steps[0]?.deployment ?? "";
    const found = await store.pool.query<{ state: string }>("select state from deployment where id = $1", [id]);
    assert.equal(found.rows[0]?.state, "cancelled");
    await look();
    assert.deepEqual((await marks(run.id)).slice(0, 2), ["forward/cart failed", "undo/cart skipped"]);
    assert.equal((await show(run.id)).run.state, "running", "somebody has to look");
    const looked = await plans.answerTask({ ...answerOf(run.id, "look"), part: "rollback" }, callOf("olga"));
    assert.ok(looked.ok);
    assert.equal((await show(run.id)).run.state, "rolled-back");
  }));

test("A release whose own way back failed is not taken for taken back: the run needs a person too", () =>
  withPlane(async ({ start, marks, finish, look, show, plans }) => {
    const { run, steps } = await start("ship");
    const deployment = steps[0]?.deployment;
    assert.ok(deployment !== null && deployment !== undefined);
    await finish(deployment, "needs-human");
    await look();
    assert.deepEqual((await marks(run.id)).slice(0, 2), ["forward/cart failed", "undo/cart failed"]);
    await plans.answerTask({ ...answerOf(run.id, "look"), part: "rollback" }, callOf("olga"));
    assert.equal((await show(run.id)).run.state, "needs-human");
  }));

test("The same request starts one run, whatever the runbook says later, and a run can be handed over", () =>
  withPlane(async ({ plans, show }) => {
    const input = { runbook: "move", reason: "It is planned.", owner: "carl", urgent: false };
    const [first, second] = [
      await plans.startRun(input, callOf("olga", "key-1")),
      await plans.startRun(input, callOf("olga", "key-1")),
    ];
    assert.ok(first.ok && second.ok);
    assert.equal(first.value.run.id, second.value.run.id);
    assert.equal(first.value.run.owner, "carl");
    const handed = await plans.handOverRun(
      { id: first.value.run.id, to: "olga", reason: "Shift ends." },
      callOf("carl"),
    );
    assert.ok(handed.ok);
    assert.equal((await show(first.value.run.id)).run.owner, "olga");
    assert.deepEqual(await plans.startRun({ ...input, runbook: "none" }, callOf("olga")), {
      ok: false,
      error: "no-such-runbook",
    });
  }));

async function register(store: PlanPlane["store"], url: string): Promise<void> {
  await store.pool.query(
    "insert into callback_endpoint (id, name, url, secret, created_by, created_at) values ('cbk_1', 'ops', $1, 'whsec_x', 'olga', now())",
    [url],
  );
}

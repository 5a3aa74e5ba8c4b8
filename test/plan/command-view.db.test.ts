import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { query, sql } from "#store/sql.ts";
import type { RunFilter } from "#usecases/plan/plan-operations.ts";
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
    "risky",
    `within: PT8H
overseer: compliance
steps:
  - { name: announce, record: It begins. }
  - { name: drain, after: [announce], http: { url: "https://ops.example/drain" }, undo: { http: { url: "https://ops.example/refill" } } }
  - { name: watch, after: [announce], soak: PT5M }
${back}`,
  ),
  runbook(
    "slow",
    `within: PT9H
steps:
  - { name: sign, timeout: PT8H, humanTask: { who: compliance, instruction: Compare and sign. } }
${back}`,
  ),
  runbook(
    "ship",
    `within: P1D
steps:
  - { name: cart, timeout: PT4H, subRelease: { service: checkout-api, version: 1.0.0, environment: prod }, undo: { rollBack: { step: cart } } }
${back}`,
  ),
].join("");

async function withPlane(body: (plane: PlanPlane) => Promise<void>): Promise<void> {
  await using plane = await openPlans(documents);
  await plane.store.pool.query(
    "insert into callback_endpoint (id, name, url, secret, created_by, created_at) values ('cbk_1', 'ops', 'https://ops.example/', 'whsec_x', 'olga', now())",
  );
  await body(plane);
}

const all: RunFilter = { show: "all", state: null, runbook: null, service: null, limit: 50, cursor: null };
const hours = (count: number) => Temporal.Duration.from({ hours: count });
const minutes = (count: number) => Temporal.Duration.from({ minutes: count });

test("What changes something waits until the overseer of a run of high risk is present, and everything else goes on", () =>
  withPlane(async ({ plans, start, marks, show, calls }) => {
    const { run, overseers } = await start("risky");
    assert.deepEqual(await marks(run.id), ["forward/announce done", "forward/watch running"]);
    assert.deepEqual([calls.length, overseers], [0, ["carl"]]);
    const input = { id: run.id, present: true, reason: "I am here." };
    const byOwner = await plans.overseeRun(input, callOf("olga"));
    assert.deepEqual(!byOwner.ok && byOwner.error, { code: "not-asked", who: "compliance" });
    const early = await plans.overseeRun({ ...input, present: false }, callOf("carl"));
    assert.deepEqual(!early.ok && early.error, { code: "not-present" });
    const came = await plans.overseeRun(input, callOf("carl"));
    assert.ok(came.ok);
    assert.equal(came.value.run.oversight?.present?.person, "carl");
    assert.deepEqual((await marks(run.id)).at(-1), "forward/drain running");
    assert.equal(calls.length, 1);
    const handed = await plans.handOverRun({ id: run.id, to: "carl", reason: "Lunch." }, callOf("olga"));
    assert.deepEqual(!handed.ok && handed.error, "oversees-it");
    const left = await plans.overseeRun({ ...input, present: false, reason: "My shift ends." }, callOf("carl"));
    assert.ok(left.ok);
    assert.equal((await show(run.id)).run.oversight?.present, null);
    const lines = left.value.log.filter(({ action }) => action === "run.oversee");
    assert.deepEqual(
      lines.map(({ person, reason }) => [person, reason]),
      [
        ["carl", "I am here."],
        ["carl", "My shift ends."],
      ],
    );
  }));

test("Owner and overseer are two persons, whoever came first", () =>
  withPlane(async ({ plans, start }) => {
    const { run } = await start("risky");
    assert.ok((await plans.handOverRun({ id: run.id, to: "carl", reason: "Shift." }, callOf("olga"))).ok);
    const came = await plans.overseeRun({ id: run.id, present: true, reason: "I am here." }, callOf("carl"));
    assert.deepEqual(!came.ok && came.error, { code: "owns-it" });
    const none = await start("slow");
    const stray = await plans.overseeRun({ id: none.run.id, present: true, reason: "I am here." }, callOf("carl"));
    assert.deepEqual(!stray.ok && stray.error, { code: "nobody-asked" });
  }));

test("The database refuses a protected step without an overseer, whoever writes", () =>
  withPlane(async ({ start, transact, clock }) => {
    const { run } = await start("risky");
    const at = clock.now();
    const step = { run: run.id, part: "forward", name: "drain", state: "running", begunAt: at } as const;
    const begin = transact(({ runs }) =>
      runs.beginStep({ ...step, deadline: at.add(hours(1)), lookAt: at, deployment: null }),
    );
    await assert.rejects(begin, /waits for an overseer/);
  }));

test("A note is a line of the audit record, in the order in which it came, behind the end too", () =>
  withPlane(async ({ plans, start, clock }) => {
    const { run } = await start("slow");
    const note = (kind: "issue" | "decision", text: string) =>
      plans.noteOnRun({ id: run.id, kind, text }, callOf("carl"));
    assert.ok((await note("issue", "The balances differ by a cent.")).ok);
    clock.advance(minutes(5));
    assert.ok((await plans.turnRun({ id: run.id, reason: "A cent." }, callOf("olga"))).ok);
    const last = await note("decision", "We try again on Monday.");
    assert.ok(last.ok);
    assert.equal(last.value.run.state, "aborted");
    assert.deepEqual(
      last.value.log.map(({ action, outcome }) => `${action} ${outcome}`),
      ["run.start running", "run.note issue", "run.turn done", "run.end aborted", "run.note decision"],
    );
    const none = await plans.noteOnRun({ id: `run_${"f".repeat(32)}`, kind: "issue", text: "?" }, callOf("carl"));
    assert.deepEqual(!none.ok && none.error, "no-such-run");
  }));

test("A run is late when it takes longer than nine of ten before, says so once, and names the step", () =>
  withPlane(async ({ plans, start, show, clock, look }) => {
    for (const took of [20, 21, 22, 23, 24]) {
      const { run } = await start("slow");
      clock.advance(minutes(took));
      const answer = { id: run.id, part: "forward", step: "sign", outcome: "done", note: "Equal.", form: {} } as const;
      assert.ok((await plans.answerTask(answer, callOf("carl"))).ok);
    }
    const { run } = await start("slow");
    assert.equal(run.usualSeconds, 1416, "the ninetieth hundredth of 20 to 24 minutes");
    clock.advance(minutes(23));
    assert.equal(await look(), 0, "not yet");
    clock.advance(minutes(1));
    assert.equal(await look(), 1);
    assert.equal(await look(), 0, "told once");
    const late = await show(run.id);
    assert.equal(
      late.run.overrun?.because,
      "Nine of ten runs before took 24 min at most. sign has taken 24 min, usually 24 min at most.",
    );
    assert.equal(late.log.filter(({ action }) => action === "run.overrun").length, 1);
    const { items } = await plans.listRuns({ ...all, show: "late" });
    assert.deepEqual(
      items.map((item) => item.run.id),
      [run.id],
    );
  }));

test("Without a history a run is late when the way back begins soon; one that was turned back is not told late", () =>
  withPlane(async ({ plans, start, show, clock, look }) => {
    const first = await start("slow");
    const second = await start("slow");
    assert.ok((await plans.turnRun({ id: second.run.id, reason: "Enough." }, callOf("olga"))).ok);
    const forward = first.run.turnAt.since(first.run.startedAt).total("seconds");
    clock.advance(Temporal.Duration.from({ seconds: Math.ceil(forward * 0.9) - 60 }));
    assert.equal(await look(), 0);
    clock.advance(minutes(2));
    assert.equal(await look(), 1);
    const late = await show(first.run.id);
    assert.match(late.run.overrun?.because ?? "", /^The way back begins by itself in \d+ min, .* sign has taken/);
    assert.equal((await show(second.run.id)).run.overrun, null);
  }));

test("Tasks are those of the person, and runs that miss an overseer whom they could be", () =>
  withPlane(async ({ plans, start, transact }) => {
    const slow = await start("slow");
    const risky = await start("risky");
    const { people } = await transact((records) => records.catalog.inForce());
    const carl = people.get("carl");
    const olga = people.get("olga");
    assert.ok(carl !== undefined && olga !== undefined);
    const his = await plans.listTasks(carl);
    assert.deepEqual(
      his.steps.map(({ run, step }) => `${run.id} ${step.name}`),
      [`${slow.run.id} sign`],
    );
    assert.deepEqual(
      his.unseen.map(({ id }) => id),
      [risky.run.id],
    );
    const hers = await plans.listTasks(olga);
    assert.deepEqual([hers.steps.length, hers.unseen.length], [0, 0]);
  }));

test("Runs are listed by runbook, by service and by state", () =>
  withPlane(async ({ plans, start }) => {
    const slow = await start("slow");
    const ship = await start("ship");
    const ids = async (filter: Partial<RunFilter>) =>
      (await plans.listRuns({ ...all, ...filter })).items.map(({ run }) => run.id);
    assert.deepEqual(await ids({}), [ship.run.id, slow.run.id]);
    assert.deepEqual(await ids({ runbook: "slow" }), [slow.run.id]);
    assert.deepEqual(await ids({ service: "checkout-api" }), [ship.run.id]);
    assert.deepEqual(await ids({ service: "nothing" }), []);
    assert.deepEqual(await ids({ state: "succeeded" }), []);
    assert.deepEqual(
      (await plans.listRuns(all)).items[0]?.steps.map(({ name }) => name),
      ["cart"],
    );
  }));

test("A runbook is shown in every version, and a run keeps the one with which it began", () =>
  withPlane(async ({ plans }) => {
    const shown = await plans.showRunbook("slow", null);
    assert.ok(shown.ok);
    assert.equal(shown.value.runbook?.plan.steps[0]?.name, "sign");
    assert.deepEqual([shown.value.versions.length, shown.value.usualSeconds], [1, null]);
    assert.match(shown.value.text, /kind: Runbook/);
    assert.deepEqual(await plans.showRunbook("nothing", null), { ok: false, error: "no-such-runbook" });
    const strange = await plans.showRunbook("slow", `sha256:${"0".repeat(64)}`);
    assert.deepEqual(strange, { ok: false, error: "no-such-version" });
  }));

test("Pages are told of a run once for each transaction, and not when nothing of it moved", () =>
  withPlane(async ({ store, start, plans, clock, look }) => {
    const told = () =>
      query(
        store.pool,
        sql`select object from event where object like 'run/%' and kind = 'configuration' order by seq`,
        z.object({ object: z.string() }),
      );
    const { run } = await start("slow");
    assert.deepEqual(await told(), [{ object: `run/${run.id}` }], "run and step in one transaction");
    clock.advance(minutes(1));
    await look();
    assert.equal((await told()).length, 1);
    await plans.noteOnRun({ id: run.id, kind: "issue", text: "It is slow." }, callOf("carl"));
    assert.equal((await told()).length, 2);
  }));

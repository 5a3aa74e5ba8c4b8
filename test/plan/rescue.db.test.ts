import assert from "node:assert/strict";
import { test } from "node:test";
import { DatabaseError } from "pg";
import { z } from "zod";
import { bindRecords } from "#main/bind-records.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { isStoreAway, isTransient, queryOne, sql } from "#store/sql.ts";
import { makeLookAtRuns } from "#usecases/plan/look-at-runs.ts";
import { makeRescueSteps } from "#usecases/plan/rescue-steps.ts";
import { stepKey } from "#usecases/plan/step-key.ts";
import type { Transact } from "#usecases/records.ts";
import { openCalls } from "#test/plan/plane.ts";

const documents = `apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: call }
spec:
  owner: checkout
  within: PT8H
  steps:
    - { name: move, timeout: PT1H, http: { url: "https://ops.example/move" }, undo: { record: "Moved back." } }
  rollback: [{ name: look, timeout: PT1H, record: "Look." }]
`;

test("A step whose call broke off without an answer ends at once as failed, is on record, and the run turns back", async () => {
  await using plane = await openCalls(documents);
  const { run } = await plane.start("call");
  const move = { run: run.id, part: "forward", name: "move" } as const;
  const broken = ["run_other:forward:move", "not a step", stepKey(run.id, move)];
  const rescue = makeRescueSteps({
    ...plane.deps,
    transact: plane.transact,
    brokenCalls: () => Promise.resolve(broken),
  });
  assert.equal(await rescue(), 1);
  await plane.look();
  assert.deepEqual((await plane.marks(run.id)).slice(0, 2), ["forward/move failed", "undo/move done"]);
  const { steps, log } = await plane.show(run.id);
  assert.match(steps[0]?.outcome ?? "", /broke off without an answer/);
  assert.equal(log.filter(({ action }) => action === "run.rescue").length, 1);
  assert.equal(await rescue(), 0, "it has ended by now");
});

test("A store that is away keeps a run due, a conflict puts it off for moments, and only a fault of its own for longer", async () => {
  await using plane = await openCalls(documents);
  const { pool } = plane.store;
  const { run } = await plane.start("call");
  const { withRuns } = bindRecords(pool, { organisations: createOrganisationCache() });
  const reported: string[] = [];
  const look = (error: Error): Promise<number> => {
    let asked = 0;
    // What is due is found; then all together fail, and then each alone.
    const transact: Transact = (body) => {
      asked++;
      return asked === 2 || asked === 3 ? Promise.reject(error) : plane.transact(body);
    };
    const report = (id: string): void => void reported.push(id);
    return makeLookAtRuns({
      ...plane.deps,
      transact,
      withRuns,
      report,
      transient: { is: isTransient, isLoss: isStoreAway },
    })();
  };
  const pausedFor = async (): Promise<number | null> => {
    const text = sql`select extract(epoch from paused_until)::float as until from plan_run where id = ${run.id}`;
    const until = (await queryOne(pool, text, z.object({ until: z.number().nullable() })))?.until ?? null;
    return until === null ? null : Math.round(until - plane.clock.now().epochMilliseconds / 1000);
  };
  const coded = (code: string): Error => Object.assign(new DatabaseError("no", 0, "error"), { code });
  plane.clock.advance(Temporal.Duration.from({ minutes: 61 }));
  await assert.rejects(look(coded("57P01")));
  assert.equal(await pausedFor(), null);
  await look(coded("55P03"));
  assert.equal(await pausedFor(), 2);
  assert.deepEqual(reported, []);
  plane.clock.advance(Temporal.Duration.from({ seconds: 3 }));
  await look(new TypeError("a bug"));
  assert.equal(await pausedFor(), 30);
  assert.deepEqual(reported, [run.id]);
});

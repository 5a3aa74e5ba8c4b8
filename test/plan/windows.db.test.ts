import assert from "node:assert/strict";
import { test } from "node:test";
import { callOf, openPlans, type PlanPlane } from "#test/plan/plane.ts";

const back = "rollback: [{ name: look, timeout: PT10M, humanTask: { who: checkout, instruction: Look. } }]";
const runbook = (name: string, wait: string, timeout: string): string => `apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: ${name} }
spec:
  owner: checkout
  within: P4D
  steps:
    - { name: window, timeout: ${timeout}, waitForWindow: { environment: prod, services: [${wait}] } }
    - { name: move, after: [window], timeout: PT1H, humanTask: { who: checkout, instruction: Move. } }
  ${back}
---
`;
const api = "{ service: checkout-api, version: 1.0.0 }";
const documents = [
  runbook("now", api, "P2D"),
  runbook("short", api, "PT1H"),
  runbook("both", `${api}, { service: pricing-svc, version: 1.0.0 }`, "P2D"),
  runbook("never", api, "P2D").replace("environment: prod", "environment: prod, needs: PT11H"),
  runbook("long", api, "P2D").replace("environment: prod", "environment: prod, needs: PT6H"),
].join("");

async function withPlane(body: (plane: PlanPlane) => Promise<void>): Promise<void> {
  await using plane = await openPlans(documents);
  await body(plane);
}

const berlin = (day: string, time: string) => Temporal.Instant.from(`${day}T${time}:00+01:00`);

test("A step that waits for a window goes on at once in one that stays open for long enough", () =>
  withPlane(async ({ start, marks, show, store }) => {
    const { run } = await start("now");
    assert.deepEqual(await marks(run.id), ["forward/window done", "forward/move running"]);
    const [window] = (await show(run.id)).steps;
    assert.match(window?.outcome ?? "", /^It is open until .*18:00/);
    const kept = await store.pool.query<{ decision: string }>("select decision from verdict");
    assert.deepEqual(
      kept.rows.map(({ decision }) => decision),
      ["allow"],
      "the verdict that let it through is on record",
    );
  }));

test("An opening that is too short for what follows is none: it waits for the next one, and says why", () =>
  withPlane(async ({ start, marks, show, look, clock }) => {
    const { run, steps } = await start("long");
    const opening = berlin("2026-11-03", "08:00");
    assert.equal(steps[0]?.notes?.waits?.until, opening.toString());
    assert.match(steps[0].notes.waits.because.join(), /needs 21600 s; it closes at .*18:00/);
    const closed = await (async () => {
      clock.set(berlin("2026-11-02", "20:00"));
      return await start("now");
    })();
    assert.equal(closed.steps[0]?.notes?.waits?.until, opening.toString());
    assert.equal(closed.steps[0].notes.waits.needsSeconds, 4200, "an hour, and ten minutes back");
    clock.set(opening);
    assert.equal(await look(), 2);
    assert.deepEqual(await marks(run.id), ["forward/window done", "forward/move running"]);
    assert.equal((await show(closed.run.id)).steps[0]?.state, "done");
  }));

test("A run that needs longer than any window lasts is refused before it begins, with the step and the times", () =>
  withPlane(async ({ plans, store }) => {
    const asked = { runbook: "never", reason: "It is planned.", owner: null, urgent: false };
    assert.deepEqual(await plans.startRun(asked, callOf("olga")), {
      ok: false,
      error: { code: "window-too-short", step: "window", needsSeconds: 39_600, longestSeconds: 36_000 },
    });
    const kept = await store.pool.query("select from plan_run");
    assert.equal(kept.rowCount, 0);
  }));

test("What does not open in time is refused and never taken for open, and nothing has been changed", () =>
  withPlane(async ({ start, show, look, clock }) => {
    clock.set(berlin("2026-11-02", "19:00"));
    const { run } = await start("short");
    clock.advance(Temporal.Duration.from({ hours: 1 }));
    assert.equal(await look(), 1);
    const ended = await show(run.id);
    assert.equal(ended.steps[0]?.state, "refused");
    assert.match(ended.run.outcome ?? "", /^window failed: It did not open in time\. .* Nothing had been changed\.$/);
  }));

test("A fact that changes makes it due at once, whoever changed it", () =>
  withPlane(async ({ start, marks, show, look, clock, transact }) => {
    const id = `hold_${"a".repeat(32)}`;
    const hold = { id, scope: { environments: ["prod"] }, reason: "Stocktaking.", by: "olga", liftedBy: "checkout" };
    await transact((records) => records.holds.insert({ ...hold, since: clock.now(), until: null }));
    const { run, steps } = await start("now");
    assert.match(steps[0]?.notes?.waits?.because.join() ?? "", /Stocktaking/);
    assert.equal(steps[0]?.notes?.waits?.until, null);
    assert.equal(await look(), 1, "once more behind its own commit");
    assert.equal(await look(), 0, "nothing is due");
    await transact(async (records) => {
      await records.holds.end(id, { at: clock.now(), by: "olga", reason: "Done." });
      await records.reports.wake({ services: ["pricing-svc"], environments: ["prod"], digest: null }, clock.now());
    });
    assert.equal(await look(), 0, "that concerns another service");
    await transact((records) => records.deployments.wake("prod", clock.now()));
    assert.equal(await look(), 1);
    assert.deepEqual(await marks(run.id), ["forward/window done", "forward/move running"]);
    assert.equal((await show(run.id)).run.state, "running");
  }));

test("Several services wait until all of them may go; what is not known lets none of them go", () =>
  withPlane(async ({ start, plans, show, marks }) => {
    const { run, steps } = await start("both");
    assert.match(steps[0]?.notes?.waits?.because.join() ?? "", /pricing-svc: .*is not registered/);
    assert.ok((await plans.turnRun({ id: run.id, reason: "Not today." }, callOf("olga"))).ok);
    assert.deepEqual(await marks(run.id), ["forward/window cancelled"]);
    assert.equal((await show(run.id)).run.state, "aborted");
  }));

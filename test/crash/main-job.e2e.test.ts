import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { z } from "zod";
import { query, sql } from "#store/sql.ts";
import {
  answerOf,
  auditActionsOf,
  effectsOf,
  passes,
  recorded,
  replayVerdicts,
  show,
} from "#test/support/deployments.ts";
import { environment, startInstallation, until, type Installation } from "#test/support/installation.ts";
import {
  endStates,
  inject,
  look,
  planMoments,
  renderTable,
  seededNumbers,
  victims,
  type Injected,
  type Moment,
} from "./injection.ts";

/** Runs with two kills each; TIDEGATE_CRASH_RUNS and TIDEGATE_CRASH_SEED choose others. */
const runs = Number(process.env["TIDEGATE_CRASH_RUNS"] ?? 12);
const seed = Number(process.env["TIDEGATE_CRASH_SEED"] ?? 20_261_121);
const leastMoments = 20;

const service = "cart";
const linesOfRun = (former: string): readonly string[] => [
  "take the lock",
  "preflight",
  "start version",
  "smoke test",
  "shift to 25 %",
  "watch 25 %",
  "shift to 100 %",
  "watch 100 %",
  "verify live",
  `stop ${former}`,
  "record the end",
];

/** Everybody may release here: the kills are about the run, and approvals are tested elsewhere. */
const nobodyApproves = `apiVersion: tidegate.dev/v1
kind: ApprovalRoute
metadata: { name: test-automatic }
spec: { scope: {}, priority: 100, approvals: 0 }
`;

/** It waits for thirty restarts, and another file may run beside it. */
const withinMs = 1_500_000;

test("The main job comes to its right end whatever is killed in whichever step", { timeout: withinMs }, async (t) => {
  console.log(`seed ${seed}, ${runs} runs`);
  await using on = await startInstallation({
    ordersPerSecond: 5,
    documents: nobodyApproves,
    stages: [
      { percent: 25, minSeconds: 1, minRequests: 2 },
      { percent: 100, minSeconds: 1, minRequests: 2 },
    ],
  });
  const injected: Injected[] = [];
  try {
    await playRuns(t, on, injected);
    await playReturns(t, on, injected);
  } finally {
    console.log(renderTable(injected));
  }
  await t.test("Something was killed often enough to mean something", () => {
    assert.equal(injected.length, 2 * runs + victims.length);
    assert.ok(injected.length >= leastMoments);
  });
  await checkWhole(t, on);
});

async function playRuns(t: TestContext, on: Installation, injected: Injected[]): Promise<void> {
  // The last line is the end; nothing of the run is left to be killed behind it.
  const plan = planMoments(seed, runs, ["requested", ...linesOfRun("FORMER").slice(0, -1)]);
  for (const [index, moments] of plan.entries()) {
    const told = moments
      .map(({ behind, victim }) => `${victim} behind "${behind.replace(" FORMER", "")}"`)
      .join(", then ");
    await t.test(`Run ${index + 1}: ${told}`, async () => {
      // Not every second run by count: a run that failed must not make the next one impossible.
      const former = (await recorded(on, service)) ?? "1.0.0";
      const version = former === "1.0.0" ? "1.1.0" : "1.0.0";
      await playRun(on, { number: index + 1, version, former }, moments, injected);
    });
  }
}

interface Run {
  readonly number: number;
  readonly version: string;
  readonly former: string;
}

async function playRun(on: Installation, run: Run, moments: readonly Moment[], injected: Injected[]): Promise<void> {
  const id = await requestStubbornly(on, run);
  for (const moment of moments) {
    const behind = moment.behind.replace("FORMER", run.former);
    injected.push(await inject(on, id, run.number, { ...moment, behind }));
  }
  await until("the run has ended", async () => endStates.has((await look(on, id)).state), 120_000);
  const ended = await show(on, id);
  assert.equal(ended.state, "succeeded", ended.outcome ?? "");
  assert.deepEqual(
    ended.timeline.map(({ name }) => name),
    linesOfRun(run.former),
    "every line once, in order",
  );
  assert.deepEqual(
    (await effectsOf(on, id)).filter((effect) => effect.startsWith("applied")).map((effect) => effect.split(" ")[1]),
    ["start-version", "set-weights", "set-weights", "stop-version"],
    "every effect once at the target",
  );
  assert.deepEqual(await auditActionsOf(on, id), ["deployment.request", "deployment.start", "deployment.succeed"]);
  assert.deepEqual(await on.shares(service), { [run.version]: 100 });
  assert.equal(await recorded(on, service), run.version);
}

/** A run that somebody aborts, with every victim once, somewhere between the abort and the end of going back. */
async function playReturns(t: TestContext, on: Installation, injected: Injected[]): Promise<void> {
  const next = seededNumbers(seed + 1);
  for (const [index, victim] of victims.entries()) {
    const moment = { behind: "shift to 25 %", delayMs: Math.floor(next() * longestReturnMs), victim };
    const number = runs + index + 1;
    await t.test(`Run ${number}: ${victim} ${moment.delayMs} ms after an abort`, async () => {
      const former = (await recorded(on, service)) ?? "1.0.0";
      const version = former === "1.0.0" ? "1.1.0" : "1.0.0";
      const id = await requestStubbornly(on, { number, version, former });
      await passes(on, id, moment.behind);
      answerOf(await on.as("hana").abortDeployment({ params: { id }, body: { reason: "A test." } }));
      injected.push(await inject(on, id, number, moment));
      await until("the run has ended", async () => endStates.has((await look(on, id)).state), 120_000);
      const ended = await show(on, id);
      assert.equal(ended.state, "aborted", ended.outcome ?? "");
      const lines = ended.timeline.map(({ name }) => name);
      assert.equal(new Set(lines).size, lines.length, "every line once");
      assert.deepEqual(lines.slice(-4), ["roll back", "verify former version", `stop ${version}`, "record the end"]);
      assert.deepEqual(await auditActionsOf(on, id), [
        "deployment.request",
        "deployment.start",
        "deployment.abort",
        "deployment.roll-back",
      ]);
      assert.deepEqual(await on.shares(service), { [former]: 100 });
      assert.equal(await recorded(on, service), former);
    });
  }
}

/** An abort is seen within half a second, and going back takes less than that again. */
const longestReturnMs = 900;

/** Asks under one key until an answer comes, as a pipeline does. */
async function requestStubbornly(on: Installation, run: Run): Promise<string> {
  let id = "";
  const body = { service, version: run.version, environment };
  await until("the request is answered", async () => {
    const asked = await on.as("chen").requestDeployment({ body, key: `run-${run.number}-${run.version}` });
    if (!asked.ok) throw new Error(`${asked.problem.code}: ${asked.problem.detail}`);
    id = asked.body.id;
    return true;
  });
  return id;
}

async function checkWhole(t: TestContext, on: Installation): Promise<void> {
  await t.test("No key had its effect twice at the target, and lock numbers never fell", async () => {
    const applied = (await on.ledger()).filter(({ outcome }) => outcome === "applied");
    assert.equal(new Set(applied.map(({ key }) => key)).size, applied.length);
    for (const [index, { fence }] of applied.entries()) assert.ok(fence >= (applied[index - 1]?.fence ?? 0));
  });
  await t.test("No lock is left and no run hangs", async () => {
    const count = z.object({ count: z.coerce.number() });
    assert.deepEqual(await query(on.pool, sql`select count(*) from environment_lock`, count), [{ count: 0 }]);
    assert.deepEqual(await query(on.pool, sql`select count(*) from deployment where ended_at is null`, count), [
      { count: 0 },
    ]);
  });
  await t.test("The record has an entry for every deployment's end and verifies", async () => {
    const exported = await on.tidegate("kemal", "audit", "export");
    assert.equal(exported.code, 0, exported.stderr);
    assert.equal(exported.stdout.match(/deployment\.succeed/g)?.length, runs);
  });
  await t.test("Every verdict of the runs replays byte for byte", async () => {
    const { judged, different } = await replayVerdicts(on);
    assert.ok(judged >= runs);
    assert.deepEqual(different, []);
  });
}

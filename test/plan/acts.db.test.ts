import assert from "node:assert/strict";
import { test } from "node:test";
import { fewestRuns } from "#core/plan/overrun.ts";
import { openActs, target, type ActPlane } from "#test/plan/act-plane.ts";
import type { FakeCommand } from "#connectors/fake/commander.ts";
import { callOf } from "#test/plan/plane.ts";

const runbook = (name: string, steps: string, rest = ""): string => `apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: ${name} }
spec:
  owner: checkout
  within: P1D
  steps:
${steps.replace(/^/gm, "    ")}
  rollback: [{ name: look, timeout: PT1H, humanTask: { who: checkout, instruction: Look. } }]
${rest}---
`;
const at = "service: checkout-api, environment: prod";
const on = `${at}, version: 1.1.0`;

const documents = [
  runbook(
    "canary",
    `- { name: start, startVersion: { ${on} } }
- { name: check, after: [start], smoke: { ${on} } }
- { name: tenth, after: [check], shiftTraffic: { ${on}, percent: 10 } }
- { name: watch, after: [tenth], observe: { ${on}, for: PT10S, atMost: PT60S, requests: 5 } }
- { name: all, after: [watch], shiftTraffic: { ${on}, percent: 100 } }
- { name: stop, after: [all], stopVersion: { ${at}, version: 1.0.0 }, irreversible: It can be started again. }`,
  ),
  runbook(
    "doomed",
    `- { name: start, startVersion: { ${on} } }
- { name: half, after: [start], shiftTraffic: { ${on}, percent: 50 } }
- { name: drain, after: [half], timeout: PT10M, attempts: 3, shell: { ${at}, command: drain }, irreversible: It is drained. }`,
  ),
  runbook(
    "shell",
    `- { name: drain, timeout: PT10M, attempts: 3, shell: { ${at}, command: drain, arguments: { queue: orders } }, irreversible: It is drained. }
- { name: thank, after: [drain], record: Thank you. }`,
  ),
  ...["good", "bad", "none"].flatMap((metric) => [
    `apiVersion: tidegate.dev/v1
kind: Criteria
metadata: { name: ${metric} }
spec:
  scope: {}
  criteria:
    - { name: orders, source: telemetry, query: orders.${metric}, unit: orders/s, worse: lower, limit: 5, window: PT5S, minPoints: 1 }
---
`,
    runbook(
      `judged-${metric}`,
      `- { name: start, startVersion: { ${on} } }
- { name: tenth, after: [start], shiftTraffic: { ${on}, percent: 10 } }
- { name: watch, after: [tenth], timeout: PT3M, observe: { ${on}, for: PT10S, atMost: PT60S, requests: 5, criteria: [${metric}] } }`,
    ),
  ]),
].join("");

async function withActs(
  commands: Readonly<Record<string, FakeCommand>>,
  body: (plane: ActPlane) => Promise<void>,
): Promise<void> {
  await using plane = await openActs(documents, commands);
  await body(plane);
}

const shares = (plane: ActPlane): Readonly<Record<string, number>> =>
  Object.fromEntries(
    plane.target.truth(target).flatMap(({ version, percent }) => (percent > 0 ? [[version, percent]] : [])),
  );
const applied = (plane: ActPlane): readonly string[] =>
  plane.target.ledger.filter(({ outcome }) => outcome === "applied").map(({ effect, detail }) => `${effect} ${detail}`);

test("A canary is a plan: each step is seen at the target, what is live is on record, and the lock is free at the end", () =>
  withActs({}, async (plane) => {
    plane.target.setTraffic(target, { perSecond: 50 });
    const { run } = await plane.start("canary");
    assert.deepEqual(await plane.marks(run.id), ["forward/start running"]);
    assert.deepEqual(await plane.carryOut(), [
      "forward/start done",
      "forward/check done",
      "forward/tenth done",
      "forward/watch done",
      "forward/all done",
      "forward/stop done",
    ]);
    const ended = await plane.show(run.id);
    assert.equal(ended.run.state, "succeeded", ended.run.outcome ?? "");
    assert.deepEqual(shares(plane), { "1.1.0": 100 });
    const live = await plane.transact((records) => records.inventory.current("checkout-api", "prod"));
    assert.equal(live?.version, "1.1.0");
    assert.deepEqual(await plane.transact((records) => records.locks.heldBy(run.id)), []);
    assert.match(ended.steps[3]?.outcome ?? "", /No evidence of harm at 10 %/);
  }));

for (const [metric, state, outcome, said] of [
  ["bad", "failed", "fail", /^Fail: At 10 % bad\/orders: 1 orders\/s, where it must be at least 5 orders\/s/],
  ["none", "failed", "inconclusive", /^Inconclusive: At 10 % none\/orders is inconclusive: the source has no series/],
  ["good", "done", "pass", /^Pass: No evidence of harm at 10 %.* Criteria: good\/orders: 50 orders\/s/],
] as const) {
  test(`A step that observes comes to ${outcome} by the criteria that it names, and keeps their series`, () =>
    withActs({}, async (plane) => {
      plane.target.setTraffic(target, { perSecond: 50 });
      if (metric !== "none") await sendOrders(plane, `orders.${metric}`, metric === "good" ? 50 : 1);
      const { run } = await plane.start(`judged-${metric}`);
      const ended = await plane.carryOut();
      assert.ok(ended.includes(`forward/watch ${state}`), ended.join());
      const { steps } = await plane.show(run.id);
      assert.match(steps.find(({ name }) => name === "watch")?.outcome ?? "", said);
      const kept = (await plane.plans.criteriaOf(run.id)) ?? [];
      assert.deepEqual(
        kept.map((one) => [one.part, one.stage, one.criterion, one.outcome]),
        [["forward", "watch", `${metric}/orders`, outcome]],
      );
      assert.equal((kept[0]?.series[0]?.points.length ?? 0) > 0, metric !== "none");
    }));
}

/** From a minute before now on, for ten minutes. */
async function sendOrders(plane: ActPlane, metric: string, value: number): Promise<void> {
  const first = plane.clock.now().epochMilliseconds / 1000 - 60;
  const one = { ...target, metric, kind: "gauge", labels: {}, value } as const;
  const points = Array.from({ length: 300 }, (_, index) => ({ ...one, second: first + index * 2 }));
  await plane.transact((records) => records.telemetry.addPoints(points));
}

test("A step that fails takes everything back that was done, under a higher number: shares as they were, version stopped", () =>
  withActs({ drain: { ends: "failed", exitCode: 3, output: "no such queue" } }, async (plane) => {
    const { run } = await plane.start("doomed");
    assert.deepEqual(await plane.carryOut(), [
      "forward/start done",
      "forward/half done",
      "forward/drain failed",
      "undo/half done",
      "undo/start done",
    ]);
    assert.deepEqual(shares(plane), { "1.0.0": 100 });
    assert.equal(plane.target.truth(target).find(({ version }) => version === "1.1.0")?.state, "stopped");
    const { acts } = await plane.show(run.id);
    const fenceOf = (part: string, name: string) =>
      acts.find((act) => act.part === part && act.name === name)?.fence ?? 0;
    assert.ok(fenceOf("undo", "half") > fenceOf("forward", "half"));
    assert.equal(fenceOf("undo", "start"), fenceOf("undo", "half"));
    const late = await plane.target.shift(
      { ...target, version: "1.1.0", control: "1.0.0", percent: 50 },
      { key: "late", fence: fenceOf("forward", "half") },
    );
    assert.equal(!late.ok && late.error.code, "stale-fence", "what was sent on the way forward comes too late");
    assert.equal(acts.find(({ name }) => name === "drain")?.answer?.output?.text, "no such queue");
  }));

for (const kind of ["lost-answer", "garbage", "unreachable"] as const) {
  test(`A target with ${kind} is asked again under the same key, and each effect happens once`, () =>
    withActs({ drain: { ends: "failed" } }, async (plane) => {
      plane.target.faults.inject("startVersion", { kind }, 1);
      plane.target.faults.inject("shift", { kind }, 1);
      await plane.start("doomed");
      await plane.carryOut();
      assert.deepEqual(
        applied(plane).filter((effect) => effect.startsWith("start") || effect.includes("50 %")),
        [`start-version 1.1.0 sha256:110${"a".repeat(61)}`, "set-weights 1.1.0 50 % beside 1.0.0"],
      );
    }));
}

test("A target that says it did what it did not is not believed: the step fails", () =>
  withActs({}, async (plane) => {
    plane.target.faults.inject("shift", { kind: "lie" }, 1);
    const { run } = await plane.start("doomed");
    await plane.carryOut();
    const half = (await plane.show(run.id)).steps.find(({ part, name }) => part === "forward" && name === "half");
    assert.equal(half?.state, "failed");
    assert.match(half?.outcome ?? "", /says that the shares are set, and shows 0 %/);
  }));

test("Nobody acts in an environment that is locked, or against the verdict; the reason is shown, and then the step is refused", () =>
  withActs({}, async (plane) => {
    const other = "dep_0";
    await plane.transact((records) => records.locks.take("environment:prod", other, null));
    const { run } = await plane.start("canary");
    assert.deepEqual(plane.open, []);
    assert.equal((await plane.show(run.id)).acts[0]?.waitsFor, "The lock of prod is held by dep_0.");
    await plane.transact((records) => records.locks.release("environment:prod", other));
    plane.clock.advance(Temporal.Duration.from({ hours: 10 }));
    const second = await plane.start("canary");
    const waits = (await plane.show(second.run.id)).acts[0]?.waitsFor ?? "";
    assert.match(waits, /^The verdict on it is wait/);
    assert.deepEqual(plane.open, []);
    assert.deepEqual(await plane.transact((records) => records.locks.heldBy(second.run.id)), [], "it keeps nobody out");
    plane.clock.advance(Temporal.Duration.from({ minutes: 2 }));
    await plane.look();
    const ended = await plane.show(second.run.id);
    assert.equal(ended.run.state, "failed");
    assert.match(ended.steps[0]?.outcome ?? "", /^It could not begin in time\. The verdict on it is wait/);
  }));

test("A command runs once per key whatever is lost, and a failure that may pass is tried again under another key", () =>
  withActs({ drain: { ends: "failed", exitCode: 75, isPassing: true } }, async (plane) => {
    plane.commander.loseAnswers(2);
    const { run } = await plane.start("shell");
    await plane.carryOut();
    const key = `${run.id}:forward:drain`;
    assert.deepEqual(
      plane.commander.started.map((each) => each.key),
      [key, `try-2:${key}`, `try-3:${key}`],
    );
    assert.match((await plane.show(run.id)).steps[0]?.outcome ?? "", /drain ended with 75/);
  }));

test("What a step took before decides whether it still fits before the window closes", () =>
  withActs({ drain: { ends: "done" } }, async (plane) => {
    const late = Temporal.Instant.from("2026-11-02T17:50:00+01:00");
    for (let nth = 0; nth < fewestRuns; nth++) {
      const { run } = await plane.start("shell");
      plane.clock.advance(Temporal.Duration.from({ minutes: 8 }));
      assert.deepEqual(await plane.carryOut(), ["forward/drain done"], run.id);
    }
    plane.clock.set(late);
    const { run } = await plane.start("shell");
    const [act] = (await plane.show(run.id)).acts;
    assert.match(act?.waitsFor ?? "", /The run needs 8 min and 8 min for a rollback, and it closes on .*18:00/);
    assert.deepEqual(await plane.carryOut(), [], "nothing is asked of the target");
  }));

test("What a command prints is kept without secrets, and an answer about another command is none", () =>
  withActs({ drain: { ends: "done", output: `ok ghp_${"a".repeat(36)}` } }, async (plane) => {
    const { run } = await plane.start("shell");
    plane.commander.mixUp(2);
    assert.equal(await plane.carryOutNext(), "forward/drain done");
    assert.equal(plane.commander.started.length, 1);
    assert.equal((await plane.show(run.id)).acts[0]?.answer?.output?.text, "ok [redacted]");
  }));

test("A run that is turned back ends its command at the target", () =>
  withActs({ drain: { ends: "hold" } }, async (plane) => {
    const { run } = await plane.start("shell");
    const turned = await plane.plans.turnRun({ id: run.id, reason: "The shop is on fire." }, callOf("olga"));
    assert.ok(turned.ok);
    assert.deepEqual(await plane.marks(run.id), ["forward/drain running"]);
    assert.equal(await plane.carryOutNext(), "forward/drain cancelled");
    const looked = await plane.commander.look(target, `${run.id}:forward:drain`);
    assert.equal(looked.ok && looked.value.state, "cancelled");
  }));

test("An answer behind the time-out changes nothing, and the command is ended", () =>
  withActs({ drain: { ends: "hold" } }, async (plane) => {
    const { run } = await plane.start("shell");
    plane.clock.advance(Temporal.Duration.from({ minutes: 10 }));
    await plane.look();
    assert.equal((await plane.show(run.id)).steps[0]?.state, "failed");
    assert.equal(await plane.carryOutNext(), "forward/drain late");
    assert.deepEqual(plane.commander.started, [], "nothing was begun that nobody waits for");
  }));

test("What was prepared and comes to its turn behind the end of its step has no effect at the target", () =>
  withActs({ drain: { ends: "hold" } }, async (plane) => {
    const { run } = await plane.start("shell");
    const ended = await plane.carryOutNext(async () => {
      plane.clock.advance(Temporal.Duration.from({ minutes: 10 }));
      await plane.look();
      assert.equal((await plane.show(run.id)).steps[0]?.state, "failed");
    });
    assert.equal(ended, "forward/drain late");
    assert.deepEqual(plane.commander.started, []);
  }));

for (const [title, traffic, outcome] of [
  ["no traffic", { perSecond: 0 }, /^Not enough evidence: .* requests came where 5 are needed/],
  [
    "a version that fails",
    { perSecond: 200, versions: { "1.1.0": { errorRate: 0.5, medianMs: 20 } } },
    /is worse than 1\.0\.0 in errors/,
  ],
] as const) {
  test(`Watching ${title} does not pass, and the way back begins`, () =>
    withActs({}, async (plane) => {
      plane.target.setTraffic(target, traffic);
      const { run } = await plane.start("canary");
      const ends = await plane.carryOut();
      assert.deepEqual(ends.slice(3), ["forward/watch failed", "undo/tenth done", "undo/start done"]);
      assert.match((await plane.show(run.id)).steps.find(({ name }) => name === "watch")?.outcome ?? "", outcome);
      assert.deepEqual(shares(plane), { "1.0.0": 100 });
    }));
}

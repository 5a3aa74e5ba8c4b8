import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { query, sql } from "#store/sql.ts";
import { answerOf } from "#test/support/deployments.ts";
import { until } from "#test/support/installation.ts";
import { z } from "zod";
import type { Environment } from "./configuration.ts";
import { defineFault, everyCommit, type Fault } from "./fault.ts";
import { operations, type AgentCall, type Mishap } from "./target.ts";

/*
 * N: targets, receivers and monitors that are slow, silent, gone, garbled or lying.
 */

const within = (environment: Environment) => (call: AgentCall) => call.environment === environment;

/** Each of the calls of a release meets this once or more; it succeeds all the same. */
function outlasted(id: string, title: string, mishaps: readonly Mishap[], isLong = false): Fault {
  return defineFault({
    id,
    title,
    invariants: ["I3", "I9", "I12", "I15"],
    isLong,
    inject: async ({ load, targets }) => {
      const met = operations.flatMap((operation) =>
        mishaps.map((mishap) =>
          targets.arm(mishap, 1, (call) => call.operation === operation && call.environment === "e1"),
        ),
      );
      const work = [await load.deploy("e1")];
      await load.ended(work);
      const times = met.reduce((sum, count) => sum + count(), 0);
      targets.disarm();
      return { times, work };
    },
    expect: async ({ load }, { work }) => assert.deepEqual([...(await load.statesOf(work)).values()], ["succeeded"]),
  });
}

const html = Buffer.from("<!doctype html><title>Sign in</title>");
const garbage: readonly Mishap[] = [
  { kind: "garbage", type: "text/html", body: html },
  { kind: "garbage", type: "application/json", body: Buffer.from('{"versions":[{"version":') },
  { kind: "garbage", type: "application/json", body: Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x22]) },
];
const worse: readonly Mishap[] = [
  { kind: "garbage", type: "application/json", body: Buffer.from(`{"percent":NaN,"versions":${"[".repeat(50_000)}`) },
  { kind: "garbage", type: "application/json", body: Buffer.from('{"versions":[],"versions":[{"percent":100}]}') },
  { kind: "garbage", type: "application/json", body: Buffer.alloc(5 * 1024 * 1024, 0x20) },
];

/** The longest wait for an effect is a minute; a connection that dies ends it sooner. */
const silentFor = (title: string, untilCutMs: number | null): Fault =>
  defineFault({
    id: "N2",
    title,
    invariants: ["I1", "I3", "I9"],
    isLong: untilCutMs === null,
    inject: async ({ load, targets }) => {
      const met = targets.arm({ kind: "hang" }, 1, (call) => call.operation === "shift" && within("e2")(call));
      const work = [await load.deploy("e2")];
      await until("it has called", async () => met() === 1);
      if (untilCutMs !== null) {
        await delay(untilCutMs);
        targets.release();
      }
      await load.ended(work);
      targets.disarm();
      return { times: met(), work };
    },
    expect: async ({ targets }, { work }) => {
      const shifts = targets.ledger.filter(
        ({ key, effect }) => key.startsWith(`${work[0]?.id}:`) && effect === "set-weights",
      );
      assert.deepEqual(
        shifts.map(({ outcome }) => outcome),
        ["applied", "replayed"],
      );
    },
  });

function refusedFor(
  id: string,
  title: string,
  mishap: Mishap,
  on: (call: AgentCall) => boolean,
  states: readonly string[],
): Fault {
  return defineFault({
    id,
    title,
    invariants: ["I9", "I11"],
    inject: async ({ load, targets }) => {
      const met = targets.arm(mishap, 1, on);
      const work = [await load.deploy("e3")];
      await load.ended(work);
      targets.disarm();
      return { times: met(), work };
    },
    expect: async ({ load }, { work }) => {
      const state = [...(await load.statesOf(work)).values()][0] ?? "";
      assert.ok(states.includes(state), state);
    },
  });
}

const lies = defineFault({
  id: "N6",
  title: "a target says that a shift is done, and nothing has changed",
  onEveryCommit: true,
  invariants: ["I3", "I6", "I9"],
  inject: async ({ load, targets }) => {
    targets.fake.faults.inject("shift", { kind: "lie" }, 1);
    const before = targets.calls.length;
    const work = [await load.deploy("e4")];
    await load.ended(work);
    return { times: targets.calls.slice(before).some(({ operation }) => operation === "shift") ? 1 : 0, work };
  },
  expect: async ({ load, targets }, { work }) => {
    const state = [...(await load.statesOf(work)).values()][0];
    const place = work[0] === undefined ? undefined : load.placeOf(work[0]);
    assert.ok(place !== undefined);
    assert.notEqual(state, "succeeded", "nothing went live");
    assert.equal(targets.truth(place).filter(({ percent }) => percent === 100).length, 1);
  },
});

const partition = defineFault({
  id: "N8",
  title: "targets cannot be reached for four seconds while the database can",
  invariants: ["I4", "I9"],
  inject: async ({ load, targets }) => {
    const work = [await load.deploy("e1"), await load.deploy("e2")];
    for (const door of ["worker-1", "worker-2"]) await targets.close(door);
    await delay(4_000);
    for (const door of ["worker-1", "worker-2"]) await targets.open(door);
    return { times: 2, work };
  },
});

const cutFromStore = defineFault({
  id: "N8",
  title: "a worker reaches its targets and not the database: it does nothing more, another goes on",
  isLong: true,
  invariants: ["I3", "I4"],
  inject: async ({ load, proxyOf, targets }) => {
    const work = [await load.deploy("e1"), await load.deploy("e2"), await load.deploy("e3")];
    const proxy = proxyOf("worker-2");
    proxy.set({ kind: "drop" });
    await delay(6_000);
    // Its lease has ended: whatever it called from here on would be an effect of nobody.
    const late = targets.calls.length;
    await load.ended(work);
    const strange = targets.calls
      .slice(late)
      .filter(({ door, key }) => door === "worker-2" && key !== null && work.some(({ id }) => key.startsWith(id)));
    const times = proxy.struck("drop");
    proxy.set({ kind: "none" });
    return { times, work, strange };
  },
  expect: async (_, { strange }) => assert.deepEqual(strange, []),
});

const failingWayBack = defineFault({
  id: "N9",
  title: "the way back fails twice, and is gone all the same",
  onEveryCommit: true,
  invariants: ["I9", "I21"],
  inject: async ({ as, load, targets }) => {
    const held = targets.arm(
      { kind: "slow", ms: 2_000 },
      1,
      (call) => call.operation === "shift" && within("e1")(call),
    );
    const work = [await load.deploy("e1")];
    await until("it shifts", async () => held() === 1);
    const failed = targets.arm(
      { kind: "answer", status: 503 },
      2,
      (call) => call.operation === "shift" && within("e1")(call),
    );
    answerOf(await as("olga").abortDeployment({ params: { id: work[0]?.id ?? "" }, body: { reason: "A test." } }));
    await load.ended(work);
    targets.disarm();
    return { times: failed(), work };
  },
  expect: async ({ load }, { work }) => assert.deepEqual([...(await load.statesOf(work)).values()], ["aborted"]),
});

const receiverDown = defineFault({
  id: "N10",
  title: "another system is down, then busy, then takes what a runbook sends it",
  invariants: ["I1", "I3", "I9"],
  inject: async ({ load, receiver }) => {
    const down = receiver.behave("/drain", { status: 503 }, 1);
    const busy = receiver.behave("/fill", { status: 429, retryAfter: 1 }, 1);
    const work = [await load.run("two-calls")];
    await load.ended(work);
    return { times: down() + busy(), work };
  },
  expect: async ({ load }, { work }) => assert.deepEqual([...(await load.statesOf(work)).values()], ["succeeded"]),
});

const receiverLosesAnswers = defineFault({
  id: "N4",
  title: "another system does what a runbook says, and its answers are lost",
  onEveryCommit: true,
  invariants: ["I3"],
  inject: async ({ load, receiver }) => {
    const lost = [receiver.behave("/drain", "lost-answer", 1), receiver.behave("/fill", "lost-answer", 1)];
    const work = [await load.run("two-calls")];
    await load.ended(work);
    return { times: lost.reduce((sum, count) => sum + count(), 0), work };
  },
});

const refusingReceiver = defineFault({
  id: "N3",
  title: "another system refuses for good: what was done before is undone, once each",
  invariants: ["I3", "I9"],
  inject: async ({ load, receiver }) => {
    const met = receiver.behave("/fill", { status: 422 }, 1);
    const work = [await load.run("two-calls")];
    await load.ended(work);
    return { times: met(), work };
  },
  expect: async ({ load, receiver }, { work }) => {
    assert.deepEqual([...(await load.statesOf(work)).values()], ["rolled-back"]);
    const undone = receiver.received.filter(
      ({ path, key }) => path === "/undrain" && key.startsWith(work[0]?.id ?? "-"),
    );
    assert.equal(undone.length, 1);
  },
});

const blindMonitor = defineFault({
  id: "N11",
  title: "what a monitor says cannot be read, then it says nothing: the run holds, and goes on when there is evidence",
  onEveryCommit: true,
  invariants: ["I15"],
  inject: async ({ load, pool, targets }) => {
    const fits = (call: AgentCall): boolean => call.operation === "traffic" && within("watched")(call);
    const met = [
      targets.arm({ kind: "garbage", type: "application/json", body: Buffer.from('{"seconds":"NaN"}') }, 2, fits),
      targets.arm(
        { kind: "garbage", type: "application/json", body: Buffer.from('{"seconds":[],"completeBefore":0}') },
        3,
        fits,
      ),
    ];
    const place = { environment: "watched", service: "cart" } as const;
    for (const service of ["cart", "mail", "ads", "tax"])
      targets.fake.setTraffic({ ...place, service }, { perSecond: 60 });
    const work = [await load.deploy("watched")];
    await until("it was told nothing five times", async () => met.reduce((sum, count) => sum + count(), 0) === 5);
    const passed = await query(
      pool,
      sql`select name from timeline_event where deployment_id = ${work[0]?.id} and name like 'watch%'`,
      z.object({ name: z.string() }),
    );
    return { times: 5, work, passed };
  },
  expect: async ({ load }, { work, passed }) => {
    assert.deepEqual(passed, [], "nothing passed without evidence");
    assert.deepEqual([...(await load.statesOf(work)).values()], ["succeeded"]);
  },
});

const weights = (call: AgentCall): boolean => call.operation === "shift" && within("e3")(call);
const starts = (call: AgentCall): boolean => call.operation === "startVersion" && within("e3")(call);

export const networkFaults: readonly Fault[] = [
  outlasted("N1", "every call of a release is answered 400 ms late", [{ kind: "slow", ms: 400 }]),
  outlasted("N1", "every answer to a release comes letter by letter", [{ kind: "drip", ms: 1 }]),
  silentFor("a target takes a shift and never answers: looked at after a time-out, not done again", null),
  everyCommit(silentFor("a target takes a shift and says nothing until its connection dies: not done again", 1_500)),
  refusedFor(
    "N3",
    "a target refuses the shift for good: the former version stays",
    { kind: "answer", status: 422 },
    weights,
    ["rolled-back", "failed"],
  ),
  refusingReceiver,
  outlasted("N4", "every answer to a release is lost after its effect", [{ kind: "lost-answer" }]),
  receiverLosesAnswers,
  outlasted("N5", "targets answer with a page, half a document, and bytes of no alphabet", garbage),
  outlasted("N5", "targets answer with what is too deep, twice the same key, and five megabytes", worse, true),
  lies,
  outlasted("N7", "targets are busy (429, 503) before every call of a release", [
    { kind: "answer", status: 429, headers: { "retry-after": "1" } },
    { kind: "answer", status: 503, headers: { "retry-after": "1" } },
  ]),
  refusedFor(
    "N7",
    "the credential for a target was taken away: the release ends before anybody sees it",
    { kind: "answer", status: 401 },
    starts,
    ["failed"],
  ),
  partition,
  cutFromStore,
  failingWayBack,
  receiverDown,
  blindMonitor,
];

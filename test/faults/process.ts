import assert from "node:assert/strict";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { seededNumbers } from "#test/crash/injection.ts";
import { until } from "#test/support/installation.ts";
import type { Environment } from "./configuration.ts";
import { defineFault, type Fault } from "./fault.ts";
import type { Plane, Seat } from "./plane.ts";
import type { AgentCall, Operation } from "./target.ts";

/*
 * P: processes that die, freeze, block and come back.
 */

type WorkerSeat = Exclude<Seat, "api">;
const workers = ["worker-1", "worker-2"] as const;

function seatOf(door: string): WorkerSeat {
  const seat = workers.find((each) => each === door);
  if (seat === undefined) throw new Error(`${door} is no worker`);
  return seat;
}

/** Waits until a worker has made a call that fits and hangs on its answer; whose call it was. */
function catching(plane: Plane, fits: (call: AgentCall) => boolean): () => Promise<WorkerSeat> {
  const calls: AgentCall[] = [];
  plane.targets.arm({ kind: "hang" }, 1, (call) => {
    if (!fits(call)) return false;
    calls.push(call);
    return true;
  });
  return async () => {
    await until("a worker has called", async () => calls.length > 0);
    return seatOf(calls[0]?.door ?? "");
  };
}

const hangingOn = (operation: Operation, environment: Environment) => (call: AgentCall) =>
  call.operation === operation && call.environment === environment;

const killedBehindEffects = defineFault({
  id: "P1",
  title: "both workers are killed between a start, a shift, a stop and their records",
  onEveryCommit: true,
  invariants: ["I1", "I3", "I4"],
  inject: async (plane) => {
    const caught = [
      catching(plane, hangingOn("startVersion", "e1")),
      catching(plane, hangingOn("shift", "e2")),
      catching(plane, hangingOn("stopVersion", "e3")),
    ];
    const work = await Promise.all((["e1", "e2", "e3"] as const).map((each) => plane.load.deploy(each)));
    await Promise.all(caught.map((each) => each()));
    await Promise.all(workers.map((seat) => plane.processes.kill(seat)));
    plane.targets.disarm();
    await Promise.all(workers.map((seat) => plane.processes.restart(seat)));
    return { times: 3, work };
  },
  expect: async ({ targets }, { work }) => {
    for (const { id } of work) {
      const own = targets.ledger.filter(({ key }) => key.startsWith(`${id}:`));
      assert.ok(
        own.some(({ outcome }) => outcome === "replayed"),
        "whoever took over asked the target under the same key",
      );
    }
  },
});

const killedRunCall = defineFault({
  id: "P1",
  title: "both workers are killed while a call of a runbook is under way",
  isLong: true,
  invariants: ["I1", "I3"],
  inject: async ({ receiver, load, processes }) => {
    const met = receiver.behave("/drain", "hang", 1);
    const work = [await load.run("two-calls")];
    await until("the call has come", async () => met() === 1);
    await Promise.all(workers.map((seat) => processes.kill(seat)));
    receiver.release();
    await Promise.all(workers.map((seat) => processes.restart(seat)));
    return { times: 2, work };
  },
  expect: async ({ receiver }, { work }) => {
    const sent = receiver.received.filter(({ key }) => key === `${work[0]?.id}:forward:drain`);
    assert.ok(sent.length >= 2, "the call was sent again");
    assert.equal(sent.filter(({ isFirst }) => isFirst).length, 1, "and acted once");
  },
});

const everything = defineFault({
  id: "P2",
  title: "interface and workers are killed together, twice",
  invariants: ["I1", "I2", "I3", "I9", "I11"],
  inject: async ({ seed, load, processes }) => {
    const next = seededNumbers(seed);
    const all = ["api", ...workers] as const;
    const work = [];
    for (let time = 0; time < 2; time++) {
      work.push(...(await load.some(2, 1)));
      await delay(next() * 600);
      await Promise.all(all.map((seat) => processes.kill(seat)));
      await Promise.all(all.map((seat) => processes.restart(seat)));
    }
    return { times: 6, work };
  },
});

const upgraded = defineFault({
  id: "P3",
  title: "a worker is told to end under load while its successor starts beside it",
  onEveryCommit: true,
  invariants: ["I1", "I3", "I11"],
  inject: async ({ load, processes, wishOf }) => {
    const first = await load.some(2, 2);
    await Promise.all([processes.start("worker-3", wishOf("worker-3")), processes.kill("worker-1", "SIGTERM")]);
    const exit = processes.exitOf("worker-1");
    const second = await load.some(1, 1);
    await Promise.all([processes.restart("worker-1", false), processes.kill("worker-3", "SIGTERM")]);
    return { times: 2, work: [...first, ...second], exit };
  },
  expect: async (_, { exit }) => assert.equal(exit, 0, "it handed its work over and left"),
});

/** Longer than a lease, its sweep, and the time after which the server ends a session that stands still inside one. */
const frozenMs = 13_000;

const zombie = defineFault({
  id: "P4",
  title: "a worker stands still past its lease, inside of an effect, and wakes up",
  invariants: ["I3", "I4", "I23"],
  inject: async (plane) => {
    const caught = catching(plane, hangingOn("shift", "e1"));
    const work = [await plane.load.deploy("e1")];
    const seat = await caught();
    plane.processes.signal(seat, "SIGSTOP");
    const startedAt = performance.now();
    const more = await plane.load.some(1, 1);
    // The other one has taken the work over and brought it to its end before the sleeper wakes.
    await plane.load.ended(work);
    await delay(Math.max(0, frozenMs - (performance.now() - startedAt)));
    plane.targets.release();
    plane.processes.signal(seat, "SIGCONT");
    plane.targets.disarm();
    return { times: 1, work: [...work, ...more], seat };
  },
  expect: async ({ processes }, { seat }) => assert.ok(processes.isRunning(seat), "it goes on with other work"),
});

const gone = defineFault({
  id: "P6",
  title: "a worker is killed and never comes back while work is assigned to it",
  isLong: true,
  invariants: ["I1", "I17"],
  inject: async (plane) => {
    const caught = catching(plane, hangingOn("startVersion", "e1"));
    const work = [await plane.load.deploy("e1"), await plane.load.deploy("e1"), await plane.load.run("two-calls")];
    const seat = await caught();
    await plane.processes.kill(seat);
    plane.targets.disarm();
    await plane.load.ended(work);
    await plane.processes.restart(seat, false);
    return { times: 1, work };
  },
});

/** Longer than a lease. */
const blockedMs = 8_000;

const blocked = defineFault({
  id: "P5",
  title: "the event loop of a worker is blocked for longer than its lease",
  isLong: true,
  invariants: ["I3", "I4", "I20"],
  inject: async (plane) => {
    const caught = catching(plane, hangingOn("startVersion", "e2"));
    const work = [await plane.load.deploy("e2")];
    const seat = await caught();
    plane.processes.signal(seat, "SIGUSR1");
    const busy = `const end = performance.now() + ${blockedMs}; while (performance.now() < end); "over"`;
    let isOver = false;
    const blocking = evaluateIn(plane, seat, busy).finally(() => (isOver = true));
    await plane.load.ended(work);
    const wasTakenOver = !isOver;
    plane.targets.disarm();
    const said = await blocking;
    return { times: said === "over" ? 1 : 0, work, wasTakenOver };
  },
  expect: async (_, { wasTakenOver }) => assert.ok(wasTakenOver, "nobody waited for it"),
});

/** Lets a process evaluate an expression, by the debugger that a signal opens. */
async function evaluateIn({ processes }: Plane, seat: WorkerSeat, expression: string): Promise<unknown> {
  let address = "";
  await until("the debugger listens", async () => {
    address = /Debugger listening on (ws:\S+)/.exec(processes.logOf(seat))?.[1] ?? "";
    return address !== "";
  });
  const socket = new WebSocket(address);
  await once(socket, "open");
  socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params: { expression } }));
  const [message] = await once(socket, "message");
  socket.close();
  const answer = z.object({ data: z.string() }).parse({ data: message.data });
  return z.object({ result: z.object({ result: z.object({ value: z.unknown() }) }) }).parse(JSON.parse(answer.data))
    .result.result.value;
}

const smallHeap = defineFault({
  id: "P8",
  title: "a worker dies of too little memory",
  onEveryCommit: true,
  invariants: ["I1", "I3"],
  inject: async ({ load, processes, wishOf }) => {
    const first = load.some(1, 1);
    await processes.start("worker-3", wishOf("worker-3", { NODE_OPTIONS: "--max-old-space-size=24" }), false);
    await until("it is out of memory", async () => !processes.isRunning("worker-3"), 60_000);
    return { times: 1, work: await first, exit: processes.exitOf("worker-3") };
  },
  expect: async (_, { exit }) => assert.notEqual(exit, 0, "whoever started it learns of it"),
});

const apiKilled = defineFault({
  id: "P2",
  title: "the interface is killed while requests are under way, and they are asked again",
  invariants: ["I1", "I2"],
  // A key whose process has died is free again after a minute: nobody can know sooner that it does not work on it.
  isLong: true,
  inject: async ({ load, processes }) => {
    const asked = load.some(3, 6);
    await delay(30);
    await processes.kill("api");
    await processes.restart("api");
    return { times: 1, work: await asked };
  },
  expect: async (_, { work }) =>
    assert.ok(
      work.some(({ attempts }) => attempts > 1),
      "somebody had to ask again",
    ),
});

export const processFaults: readonly Fault[] = [
  killedBehindEffects,
  killedRunCall,
  everything,
  upgraded,
  zombie,
  gone,
  blocked,
  smallHeap,
  apiKilled,
];

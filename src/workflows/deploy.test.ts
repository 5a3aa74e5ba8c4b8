import assert from "node:assert/strict";
import { test } from "node:test";
import type { Stage } from "#core/rollout/strategy.ts";
import type { Records } from "#usecases/records.ts";
import type { Change, RolloutDeps } from "#usecases/rollout/change.ts";
import { makeDeploy, type DeployInput } from "#workflows/deploy.ts";
import { fromStore } from "#workflows/engine/stored.ts";
import type { Flow } from "#workflows/flow.ts";
import { hold } from "#workflows/holding.ts";

/** No body is run here: what each step came to is played from its record, as after a crash. */
const noDeps = fromStore<RolloutDeps>({});
const input = fromStore<DeployInput>({ deployment: "dep_1" });

type Kind = "tx" | "step" | "wait";

function playedFlow(record: Partial<Record<Kind, readonly unknown[]>>) {
  const asked: string[] = [];
  const left = new Map(Object.entries(record).map(([kind, values]) => [kind, [...values]]));
  const next = <T>(kind: Kind, name: string): Promise<T> => {
    asked.push(`${kind} ${name}`);
    return Promise.resolve(fromStore<T>(left.get(kind)?.shift() ?? null));
  };
  const flow: Flow<Records> = {
    id: "run_1",
    step: (name) => next("step", name),
    tx: (name) => next("tx", name),
    wait: (topic) => next("wait", topic),
    sleep: () => Promise.resolve(),
    run: () => Promise.reject(new Error("no child is run here")),
  };
  return { flow, asked };
}

function changeOf(stages: readonly Stage[]): Change {
  const place = { service: "cart", environment: "prod", version: "1.1.0", digest: "sha256:1", control: "1.0.0" };
  return { ...place, deployment: input.deployment, fence: 1, stages, dependencies: [] };
}

const until = "2026-06-01T10:30:00Z";
const goOn = { decision: "go-on", person: "ann" } as const;
const seen = { sentence: "At 5 % there is not enough evidence." };

function held(settled: readonly unknown[], words: readonly unknown[]) {
  const { flow, asked } = playedFlow({ tx: [until, ...settled], wait: words });
  return { asked, breach: hold(noDeps, flow, changeOf([]), { percent: 5 }, seen) };
}

test("a word that was said at the last moment counts, and is not left over for the next hold", async () => {
  const { breach, asked } = held(["on-its-way", goOn], [null, goOn]);
  assert.equal(await breach, null);
  assert.deepEqual(asked, [
    "tx hold at 5 %",
    "wait decision",
    "tx decided at 5 %",
    "wait decision",
    "tx decided at 5 % at the last moment",
  ]);
});

test("without a word in time it goes back, and nothing more is waited for", async () => {
  const { breach, asked } = held([null], [null]);
  assert.deepEqual(await breach, {
    because: "worse",
    why: `${seen.sentence} It held its position at 5 %; nobody decided in time.`,
    isDecided: true,
  });
  assert.equal(asked.length, 3);
});

const stage = { percent: 5, minSeconds: 1, maxSeconds: 2, minRequests: 1 };
const begun = { go: true, change: changeOf([stage]) };
const ready = { done: true };
const back = "2026-06-01T10:00:00Z";

/** A run whose gate was looked at at these instants, and paused each time. */
function looked(instants: readonly string[], last: object) {
  const pause = { kind: "pause", until: null, sentence: "it is frozen" };
  const looks = instants.map((at) => ({ gate: pause, wakeAt: at, at }));
  return playedFlow({
    tx: [begun, ...looks, last, "went-back"],
    wait: instants.map(() => null),
    step: [
      ready,
      ready,
      ready,
      { done: false, code: "x", sentence: "The share is not in effect." },
      ready,
      ready,
      ready,
    ],
  });
}

test("calls that came while a run was watching are heard at once, and are no reason to go back", async () => {
  const { flow, asked } = looked(
    Array.from({ length: 60 }, () => back),
    { gate: { kind: "go" }, wakeAt: back, at: back },
  );
  await makeDeploy(noDeps).body(flow, input);
  assert.ok(asked.includes("tx judge before 5 %, look 61"));
  assert.ok(asked.includes("step shift to 5 %"));
});

test("a run that stood still for a day goes back", async () => {
  const hours = Array.from({ length: 25 }, (_, hour) => Temporal.Instant.from(back).add({ hours: hour }).toString());
  const { flow, asked } = looked(hours, {});
  await makeDeploy(noDeps).body(flow, input);
  assert.ok(!asked.includes("step shift to 5 %"));
  assert.ok(asked.includes("step roll back"));
});

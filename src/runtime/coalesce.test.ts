import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { coalesce } from "./coalesce.ts";

interface Call {
  readonly asked: readonly number[];
  readonly end: PromiseWithResolvers<readonly string[]>;
}

function recording(): {
  readonly calls: Call[];
  readonly run: (asked: readonly number[]) => Promise<readonly string[]>;
} {
  const calls: Call[] = [];
  return {
    calls,
    run: (asked) => {
      const end = Promise.withResolvers<readonly string[]>();
      calls.push({ asked, end });
      return end.promise;
    },
  };
}

test("what is asked in one turn, and while a call is under way, travels together", async () => {
  const { calls, run } = recording();
  const ask = coalesce(run, { max: 10, concurrency: 1 });
  const first = [ask(1), ask(2)];
  await setImmediate();
  const second = [ask(3), ask(4), ask(5)];
  await setImmediate();
  assert.deepEqual(
    calls.map(({ asked }) => asked),
    [[1, 2]],
  );
  calls[0]?.end.resolve(["one", "two"]);
  assert.deepEqual(await Promise.all(first), ["one", "two"]);
  await setImmediate();
  assert.deepEqual(calls[1]?.asked, [3, 4, 5]);
  calls[1]?.end.resolve(["three", "four", "five"]);
  assert.deepEqual(await Promise.all(second), ["three", "four", "five"]);
});

test("a call takes no more than its limit, and no more calls run than may", async () => {
  const { calls, run } = recording();
  const ask = coalesce(run, { max: 2, concurrency: 2 });
  const answers = [1, 2, 3, 4, 5].map((value) => ask(value));
  await setImmediate();
  assert.deepEqual(
    calls.map(({ asked }) => asked),
    [
      [1, 2],
      [3, 4],
    ],
  );
  for (const { end, asked } of calls) end.resolve(asked.map(String));
  await setImmediate();
  calls[2]?.end.resolve(["5"]);
  assert.deepEqual(await Promise.all(answers), ["1", "2", "3", "4", "5"]);
});

test("a call that fails fails its own questions only, and the next goes on", async () => {
  const { calls, run } = recording();
  const ask = coalesce(run, { max: 10, concurrency: 1 });
  const broken = ask(1);
  await setImmediate();
  const next = ask(2);
  calls[0]?.end.reject(new Error("away"));
  await assert.rejects(broken, /away/);
  await setImmediate();
  calls[1]?.end.resolve(["two"]);
  assert.equal(await next, "two");
});

test("an answer too few is an error and no mix-up", async () => {
  const ask = coalesce(async () => ["only one"], { max: 10, concurrency: 1 });
  const both = await Promise.allSettled([ask(1), ask(2)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ["rejected", "rejected"],
  );
});

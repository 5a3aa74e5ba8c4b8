import assert from "node:assert/strict";
import { test } from "node:test";
import { equalArms, streamKinds } from "#test/canary/simulate.ts";
import { firstAlarm } from "#test/canary/watch.ts";

/** A larger alpha shows a broken guarantee with fewer runs; the bench does ten thousand at 0.01. */
const alpha = 0.05;
const runs = 300;
/** Three standard deviations above alpha. */
const limit = runs * alpha + 3 * Math.sqrt(runs * alpha * (1 - alpha));

for (const kind of streamKinds) {
  test(`equal arms of a ${kind} stream, looked at every second, raise a false alarm in at most alpha of the runs`, (t) => {
    let alarms = 0;
    for (let seed = 1; seed <= runs; seed++) {
      if (firstAlarm(kind, seed * 7919, { ...equalArms, seconds: 300 }, alpha) !== null) alarms++;
    }
    t.diagnostic(`${alarms} alarms in ${runs} runs at alpha ${alpha}`);
    assert.ok(alarms <= limit, `${alarms} alarms in ${runs} runs`);
  });

  test(`a canary of a ${kind} stream that is four times worse is found, and not before it is worse`, (t) => {
    const found = Array.from({ length: 20 }, (_, index) =>
      firstAlarm(kind, 31 * index + 5, { seconds: 600, ratio: 4, onset: 60 }, 0.01),
    );
    const late = found.filter((second) => second !== null && second >= 60).length;
    t.diagnostic(`${late} of ${found.length} found`);
    assert.ok(late >= 14, `${late} of ${found.length}`);
    assert.ok(found.every((second) => second === null || second >= 60));
  });
}

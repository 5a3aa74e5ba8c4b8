import assert from "node:assert/strict";
import { test } from "node:test";
import { monotonicMs } from "#runtime/clock.ts";
import { pacer } from "#runtime/pacer.ts";

test("no more pauses end in a second than may, in the order of their ends, and one alone is not longer than asked", async () => {
  const pause = pacer(100);
  const beganMs = monotonicMs();
  const order: number[] = [];
  const many = Array.from({ length: 30 }, async (_, index) => {
    await pause(index < 15 ? 20 : 5);
    order.push(index);
  });
  await Promise.all(many);
  assert.ok(monotonicMs() - beganMs >= 285, "30 pauses at 100 a second end 10 ms apart");
  assert.ok((order[0] ?? 0) >= 15, "a short pause does not wait for a long one that began before it");
});

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { test } from "node:test";
import { loop } from "#main/sweep.ts";
import { createLog } from "#runtime/log.ts";
import { until } from "#test/support/installation.ts";

const log = createLog({ level: "silent" });

test("A hint brings the next turn forward, and many hints bring one turn and not one each", async () => {
  let turns = 0;
  let hint: () => void = () => undefined;
  const sweep = loop(
    async () => void turns++,
    60_000,
    log,
    (call) => (hint = call),
    200,
  );
  await until("the first turn", async () => turns === 1);
  for (let times = 0; times < 50; times++) {
    hint();
    await delay(1);
  }
  await until("the turn of the hints", async () => turns === 2);
  await sweep.stop();
  assert.ok(turns <= 3, `${turns} turns`);
});

test("A hint that comes during a turn is not lost, and a stop does not wait for the next turn", async () => {
  let turns = 0;
  let hint: () => void = () => undefined;
  const sweep = loop(
    async () => {
      turns++;
      if (turns === 1) hint();
    },
    60_000,
    log,
    (call) => (hint = call),
    1,
  );
  await until("the turn that was asked for", async () => turns === 2);
  await sweep.stop();
});

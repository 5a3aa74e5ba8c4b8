import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { takeStartTurn } from "./start-turn.ts";

const skip = process.platform === "linux" ? false : "names that end with their process exist on Linux alone";
const dataDir = `/nowhere/${process.pid}`;

test("one starter of a cluster at a time, and the next as soon as it is done", { skip }, async () => {
  const first = await takeStartTurn(dataDir, "secret", 0);
  assert.ok(first !== null);
  assert.equal(await takeStartTurn(dataDir, "secret", 50), null, "somebody has it");
  const other = await takeStartTurn(`${dataDir}/other`, "secret", 0);
  assert.ok(other !== null, "another cluster is another turn");
  other[Symbol.dispose]();
  const waiting = takeStartTurn(dataDir, "secret", 5_000);
  await delay(40);
  first[Symbol.dispose]();
  const second = await waiting;
  assert.ok(second !== null);
  second[Symbol.dispose]();
});

test("a turn ends with the process that took it, even by kill -9", { skip }, async () => {
  const path = new URL("./start-turn.ts", import.meta.url).pathname;
  const taker = `
    import { takeStartTurn } from ${JSON.stringify(path)};
    await takeStartTurn(${JSON.stringify(dataDir)}, "secret", 0);
    setInterval(() => undefined, 1_000);
    console.log("taken");
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", taker], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  assert.equal(await takeStartTurn(dataDir, "secret", 0), null);
  child.kill("SIGKILL");
  const turn = await takeStartTurn(dataDir, "secret", 5_000);
  assert.ok(turn !== null);
  turn[Symbol.dispose]();
});

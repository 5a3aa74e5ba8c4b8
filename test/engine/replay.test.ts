import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { MemoryEngine } from "#workflows/engine/memory.ts";
import type { Workflow } from "#workflows/flow.ts";
import { memoryBench, transact, type MemoryTx } from "./memory-bench.ts";
import { recordedHistory, replay } from "./replay.ts";
import type { Release } from "./samples.ts";

const directory = new URL("histories/", import.meta.url);
const files = readdirSync(directory);
const read = (file: string) => recordedHistory.parse(JSON.parse(readFileSync(new URL(file, directory), "utf8")));

async function approve(engine: MemoryEngine<MemoryTx>, id: string): Promise<void> {
  await transact((tx) => engine.starter.send(tx, { to: id, topic: "approval", body: { ok: true }, key: "approval" }));
  await engine.drain();
}

test("every recorded history is understood by today's code, from each of its steps on", async () => {
  assert.ok(files.length > 0, "there is no history to replay");
  for (const file of files) {
    assert.deepEqual(await replay(read(file), () => memoryBench().engine, approve), [], file);
  }
});

test("a step with another name makes the replay fail and names both", async () => {
  const renamed: Workflow<MemoryTx, Release, string> = {
    name: "release",
    body: async (flow, input) => {
      await flow.wait("consent", Temporal.Instant.from(input.expiresAt));
      return "released";
    },
  };
  const fresh = () => {
    const { engine } = memoryBench(["release"]);
    engine.register(renamed);
    return engine;
  };
  const failures = await replay(read("release.json"), fresh, approve);
  assert.equal(failures.length, read("release.json").journal.length);
  assert.match(
    failures[0] ?? "",
    /after 1 steps: step 0 .* is recorded as "wait approval", but the code asks for "wait consent"/,
  );
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { z } from "zod";

const script = path.resolve(import.meta.dirname, "../../sim/main.ts");

async function sim(...given: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, ...given], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { output: await text(child.stdout), code: await ended };
}

const summary = z.object({
  seeds: z.int(),
  faults: z.int(),
  ended: z.int(),
  commits: z.int(),
  failed: z.array(z.unknown()),
  missed: z.array(z.string()),
});

test("Two hundred seeds of crashes, zombies, lost replies and lying targets break no invariant and meet every situation", async (t) => {
  const { code, output } = await sim("--seeds", "1..200", "--jobs", "2", "--json");
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  const { summary: sum } = z.object({ summary }).parse(JSON.parse(last));
  t.diagnostic(last.slice(0, 2000));
  const failed = output.split("\n").filter((line) => line.includes('"violation":{'));
  const again = "each can be played again: npm run sim -- --seed N";
  assert.deepEqual(
    failed.map((line) => line.slice(0, 600)),
    [],
    again,
  );
  assert.deepEqual(sum.missed, [], "situations that no seed has met");
  assert.equal(sum.seeds, 200);
  assert.ok(sum.faults >= 200 && sum.ended >= 400 && sum.commits >= 4000, last.slice(0, 300));
  assert.equal(code, 0);
});

test("The same seed gives the same trace, byte for byte", async () => {
  const [first, second] = [await sim("--seed", "7"), await sim("--seed", "7")];
  assert.ok(first.output.split("\n").length > 20, first.output);
  assert.equal(first.output, second.output);
});

test("A seed that breaks something is named with its invariant and the command that plays it again", async () => {
  const { code, output } = await sim("--seeds", "1..1", "--mutant", "unwritten-end");
  assert.equal(code, 1);
  assert.match(output, /seed 1: I8 is broken: .*\n.*\n {2}again: npm run sim -- --seed 1 --mutant unwritten-end/);
});

test("Wrong arguments are refused with the usage", async () => {
  assert.equal((await sim("--seeds", "9..1")).code, 2);
});

import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openLedger, type Intent } from "#agent/ledger.ts";

function fileFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "tidegate-ledger-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "ledger.jsonl");
}

function intent(key: string, fence = 1): Intent {
  const place = { environment: "staging", service: "cart" };
  return { ...place, at: "2027-03-01T09:00:00Z", effect: "set-weights", detail: "1.0.0 100 %", key, fence, body: "b" };
}

test("What was recorded is there after the next start: entries, fence, what a key was for and its answer", async (t) => {
  const file = fileFor(t);
  const first = await openLedger(file);
  await first.intend(intent("a", 3));
  await first.record(intent("a", 3), "applied", { percent: 5 });
  await first.record(intent("a", 3), "replayed");
  await first.record(intent("b", 2), "refused");
  await first.close();
  const second = await openLedger(file);
  t.after(() => second.close());
  assert.deepEqual(
    second.after(0).map(({ seq, key, outcome }) => [seq, key, outcome]),
    [
      [1, "a", "applied"],
      [2, "a", "replayed"],
      [3, "b", "refused"],
    ],
  );
  assert.deepEqual(
    second.after(2).map(({ seq }) => seq),
    [3],
  );
  assert.equal(second.fenceOf("staging"), 3);
  assert.equal(second.fenceOf("prod"), 0);
  assert.equal(second.bodyOf("a"), "b");
  assert.equal(second.bodyOf("b"), null);
  assert.deepEqual(second.answerTo("a"), { answer: { percent: 5 } });
});

test("An intent without a result keeps its fence and key and has no answer", async (t) => {
  const file = fileFor(t);
  const first = await openLedger(file);
  await first.intend(intent("a", 4));
  await first.close();
  const second = await openLedger(file);
  t.after(() => second.close());
  assert.equal(second.fenceOf("staging"), 4);
  assert.equal(second.bodyOf("a"), "b");
  assert.equal(second.answerTo("a"), null);
  assert.equal(second.after(0).length, 0);
});

test("A last line that was cut off is dropped, and the next line is whole again", async (t) => {
  const file = fileFor(t);
  const first = await openLedger(file);
  await first.record(intent("a"), "applied", { ü: "ö" });
  await first.close();
  appendFileSync(file, '{"kind":"entry","seq":2,"at":"20');
  const second = await openLedger(file);
  await second.record(intent("b"), "applied", {});
  await second.close();
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  assert.equal(lines.length, 2);
  assert.equal(JSON.parse(lines[1] ?? "").seq, 2);
});

test("A line in the middle that cannot be read stops the agent and is named", async (t) => {
  const file = fileFor(t);
  writeFileSync(file, "not a line\n");
  await assert.rejects(openLedger(file), /ledger\.jsonl:1 is not a line of a ledger/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { looksOf, rollbackClock, type RunSummary } from "#web/plan/run.ts";
import { readForm } from "#web/plan/task.ts";

const start = "2026-11-02T12:00:00Z";
const late = { at: start, because: "It is." };
const nobody = { asked: "compliance", person: null, since: null };
const labels = (change: Partial<RunSummary>) =>
  looksOf({ state: "running", turned: null, overrun: null, overseer: null, ...change }).map(({ label }) => label);

test("A run says what it is first, then that it is late and that it misses an overseer", () => {
  assert.deepEqual(labels({}), ["Under way"]);
  assert.deepEqual(labels({ overrun: late, overseer: nobody }), ["Under way", "Late", "Needs an overseer"]);
  assert.deepEqual(labels({ turned: { by: "olga", at: start, reason: "So." }, overrun: late }), ["Turning back"]);
  assert.deepEqual(labels({ state: "needs-human", overrun: late }), ["Needs a person"]);
});

test("The clock goes from the begin to the latest begin of the way back, and not beyond", () => {
  const run = { startedAt: start, latestRollbackStart: "2026-11-02T22:00:00Z", usual: 3600 };
  const at = (hours: number) => rollbackClock(run, Temporal.Instant.from(start).add({ hours }));
  assert.deepEqual(at(1), { gone: 0.1, usual: 0.1, secondsLeft: 32_400 });
  assert.deepEqual(at(20), { gone: 1, usual: 0.1, secondsLeft: 0 });
  assert.equal(rollbackClock({ ...run, usual: 40_000 }, Temporal.Instant.from(start)).usual, null);
});

test("A form is read as the contract wants it, and says at which field something is wrong", () => {
  const field = (name: string, type: "text" | "number" | "yes-no" | "link", required = true) => ({
    name,
    label: name,
    type,
    required,
  });
  const fields = [field("n", "number"), field("b", "yes-no"), field("l", "link", false), field("t", "text")];
  const good = readForm(fields, { n: " -12.5 ", b: "no", l: "", t: "so" });
  assert.deepEqual(good, { form: { n: -12.5, b: false, t: "so" }, problems: {} });
  const bad = readForm(fields, { n: "much", b: "maybe", l: "ftp://x" });
  assert.deepEqual(Object.keys(bad.problems), ["n", "b", "l", "t"]);
});

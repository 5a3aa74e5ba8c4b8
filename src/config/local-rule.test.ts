import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSources } from "#config/world.ts";
import { processorMs } from "#test/support/processor-time.ts";

function problemsOf(rrule: string, duration: string): readonly string[] {
  const spec = `{ scope: {}, zone: UTC, start: 2026-01-01T00:00, rrule: "${rrule}", duration: ${duration} }`;
  const { problems } = checkSources([{ path: "w.yaml", text: `kind: Window\nmetadata: { name: w }\nspec: ${spec}` }]);
  return problems.filter(({ code }) => code === "bad-recurrence").map(({ message }) => message);
}

for (const [rrule, duration, expected] of [
  ["FREQ=HOURLY", "PT10M", null],
  ["FREQ=MINUTELY", "PT1H", null],
  ["FREQ=MINUTELY", "PT30S", /more than 2160 times in 60 days/],
  ["FREQ=SECONDLY;BYSECOND=5,10", "PT1H", /more than 86400 times in 60 days/],
  ["FREQ=SECONDLY", "PT1H", /occurrences in the range/],
] as const) {
  test(`a window of ${rrule} for ${duration} is ${expected === null ? "taken" : "refused at writing"}`, () => {
    const problems = problemsOf(rrule, duration);
    assert.ok(processorMs(() => problemsOf(rrule, duration), 1_000) < 1_000, "more than a second of processor time");
    assert.equal(problems.length, expected === null ? 0 : 1);
    if (expected !== null) assert.match(problems[0] ?? "", expected);
  });
}

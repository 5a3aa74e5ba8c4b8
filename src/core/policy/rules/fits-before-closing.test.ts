import assert from "node:assert/strict";
import { test } from "node:test";
import { fitsBeforeClosing } from "#core/policy/rules/fits-before-closing.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { aWindow, at, someFacts } from "#core/testing.ts";

const durations = (p95: string, rollbackP95: string) => [
  {
    service: "cart",
    environment: "prod-emea",
    p95: Temporal.Duration.from(p95),
    rollbackP95: Temporal.Duration.from(rollbackP95),
  },
];
const facts = someFacts({ windows: [aWindow()], durations: durations("PT40M", "PT20M") });

for (const [title, now, outcome] of [
  ["passes when exactly enough is left", "2026-03-28T03:00:00Z", "pass"],
  ["waits for the next opening a moment later", "2026-03-28T03:00:01Z", "wait"],
  ["does not judge closed time: others do", "2026-03-27T12:00:00Z", "not-applicable"],
] as const) {
  test(`fits-before-closing ${title}`, () => {
    assert.equal(valueAt(fitsBeforeClosing.judge(facts), at(now)).outcome, outcome);
  });
}

test("fits-before-closing says what the run needs and when it closes", () => {
  const { sentence } = valueAt(fitsBeforeClosing.judge(facts), at("2026-03-28T03:30Z"));
  const closing = "Sat 28 Mar 2026 05:00 Europe/Berlin (2026-03-28T04:00Z)";
  assert.equal(sentence, `The run needs 40 min and 20 min for a rollback, and it closes on ${closing}.`);
});

test("fits-before-closing denies what no opening is long enough for", () => {
  const long = { ...facts, durations: durations("PT5H", "PT1H") };
  assert.equal(valueAt(fitsBeforeClosing.judge(long), at("2026-03-28T00:00Z")).outcome, "deny");
});

test("a length in months has no fixed size and is refused, not taken for nothing", () => {
  assert.throws(() => fitsBeforeClosing.judge({ ...facts, durations: durations("P1M", "PT1H") }), RangeError);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSources } from "#config/world.ts";
import { maxCalendarChanges } from "#core/policy/calendar-timeline.ts";
import { freezeInForce } from "#core/policy/rules/freeze-in-force.ts";
import { insideWindow } from "#core/policy/rules/inside-window.ts";
import { aFreeze, aLocalRule, anEnvironment, aWindow, someFacts } from "#core/testing.ts";
import { monotonicMs } from "#runtime/clock.ts";

const everyMinute = aLocalRule({
  rrule: "FREQ=MINUTELY",
  end: { kind: "elapsed", duration: Temporal.Duration.from({ seconds: 1 }) },
});

for (const [title, rule, facts] of [
  ["windows", insideWindow, someFacts({ windows: [aWindow({ scope: {}, rule: everyMinute })] })],
  [
    "freezes",
    freezeInForce,
    someFacts({ freezes: [aFreeze("2026-01-01T00:00", "2026-01-02T00:00", { scope: {}, rule: everyMinute })] }),
  ],
] as const) {
  test(`a calendar of ${title} that changes every minute closes its scope instead of holding up every verdict`, () => {
    const horizon = facts.at.add({ hours: 60 * 24 });
    const startedMs = monotonicMs();
    const timeline = rule.judge({ ...facts, horizon, environment: anEnvironment() });
    assert.equal(timeline.borders.length, 1);
    const only = timeline.judgementOf(0);
    assert.equal(only.outcome, "deny");
    assert.equal(only.code, "calendar-unreadable");
    assert.match(only.sentence, new RegExp(`more than ${maxCalendarChanges} times`));
    assert.ok(monotonicMs() - startedMs < 2_000, "one dense rule costs its expansion and no more");
  });
}

test("an hourly window is judged hour by hour", () => {
  const rule = { ...everyMinute, rrule: "FREQ=HOURLY" };
  const facts = someFacts({ windows: [aWindow({ scope: {}, rule })], environment: anEnvironment() });
  const timeline = insideWindow.judge({ ...facts, horizon: facts.at.add({ hours: 60 * 24 }) });
  assert.ok(timeline.borders.length > 2_000);
});

for (const [rrule, isRefused] of [
  ["FREQ=MINUTELY", true],
  ["FREQ=MINUTELY;INTERVAL=30", true],
  ["FREQ=SECONDLY;BYMINUTE=3;BYSECOND=1,2,30", true],
  ["FREQ=HOURLY", false],
  ["FREQ=DAILY", false],
] as const) {
  test(`a window that recurs by ${rrule} is ${isRefused ? "refused with its place" : "accepted"}`, () => {
    const spec = `{ scope: {}, zone: Europe/Berlin, start: 2026-01-01T00:00, rrule: "${rrule}", duration: PT1S }`;
    const text = `kind: Window\nmetadata: { name: w }\nspec: ${spec}\n`;
    const found = checkSources([{ path: "w.yaml", text }]).problems.filter(({ severity }) => severity === "error");
    assert.deepEqual(
      found.map(({ line, code }) => `${line} ${code}`),
      isRefused ? ["3 bad-recurrence"] : [],
    );
  });
}

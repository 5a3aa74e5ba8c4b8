import assert from "node:assert/strict";
import { test } from "node:test";
import { lintCalendar, type CalendarHint } from "#core/calendar/lint.ts";
import type { LocalRule, RuleEnd } from "#core/calendar/local-rule.ts";

const between = { from: Temporal.Instant.from("2026-01-01T00:00Z"), to: Temporal.Instant.from("2027-01-01T00:00Z") };
const wall = (minuteOfDay: number): RuleEnd => ({ kind: "wall", minuteOfDay });

function aRule(start: string, rrule: string | null, end: RuleEnd, zone = "Europe/Berlin"): LocalRule {
  return { zone, start: Temporal.PlainDateTime.from(start), rrule, end, exdates: [] };
}

function hintsOn(kind: "window" | "freeze", rule: LocalRule): readonly CalendarHint[] {
  const window = { name: "nightly", scope: {}, rule, onClose: "finish" } as const;
  const freeze = {
    name: "nightly",
    scope: {},
    rule,
    strength: "hard",
    owner: "ops",
    passesWith: null,
    onBegin: "pause",
    reason: "",
  } as const;
  return lintCalendar({
    windows: kind === "window" ? [window] : [],
    freezes: kind === "freeze" ? [freeze] : [],
    targetZone: "UTC",
    between,
    shortestUseful: Temporal.Duration.from("PT1H"),
    whose: null,
  });
}

for (const [title, kind, rule, codes, sentence] of [
  ["a plain nightly window", "window", aRule("2026-01-01T20:00", "FREQ=DAILY", wall(1380)), [], /^$/],
  [
    "a window on 30 February",
    "window",
    aRule("2026-01-01T20:00", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", wall(1380)),
    ["never-opens"],
    /never opens between/,
  ],
  ["a freeze in the past", "freeze", aRule("2020-01-01T20:00", null, wall(1380)), ["never-begins"], /never begins/],
  [
    "a freeze of every whole day",
    "freeze",
    aRule("2025-01-01T00:00", "FREQ=DAILY", wall(1440)),
    ["never-lifts"],
    /never lifts before 2027/,
  ],
  [
    "a window in the skipped hour",
    "window",
    aRule("2026-01-01T01:30", "FREQ=DAILY", wall(160)),
    ["too-short"],
    /opens once for less than PT1H, first at 2026-03-29T00:30:00Z for PT30M/,
  ],
  [
    "a freeze inside the skipped hour",
    "freeze",
    aRule("2026-01-01T02:10", "FREQ=DAILY", wall(170)),
    ["swallowed-by-gap"],
    /2026-03-29T02:10/,
  ],
  [
    "an anchor that is no occurrence",
    "window",
    aRule("2026-01-01T20:00", "FREQ=WEEKLY;BYDAY=SA", wall(1380)),
    ["anchor-off-rule"],
    /the first occurrence is 2026-01-03T20:00/,
  ],
  [
    "an unknown zone",
    "window",
    aRule("2026-01-01T20:00", null, wall(1380), "Europe/Nowhere"),
    ["unknown-zone"],
    /closes its scope/,
  ],
  [
    "a recurrence that cannot be read",
    "freeze",
    aRule("2026-01-01T20:00", "FREQ=DALY", wall(1380)),
    ["unreadable-recurrence"],
    /FREQ=DALY/,
  ],
  [
    "a recurrence by the second",
    "freeze",
    aRule("2026-01-01T20:00", "FREQ=SECONDLY", wall(1380)),
    ["too-much-work"],
    /closes its scope/,
  ],
] as const) {
  test(`${title}: ${codes.join(", ") || "nothing to say"}`, () => {
    const hints = hintsOn(kind, rule);
    assert.deepEqual(
      hints.map(({ code }) => code),
      codes,
    );
    assert.match(hints.map(({ message }) => message).join("\n"), sentence);
    for (const { message } of hints) assert.ok(message.startsWith(`${kind} nightly `));
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { faultOf, maxElapsedDays, occurrencesOf, spansOf } from "#core/calendar/expand.ts";
import type { LocalRule, RuleEnd } from "#core/calendar/local-rule.ts";
import { resolvePoint, type SpanKind } from "#core/calendar/resolve.ts";
import { spansIn } from "#core/calendar/span-set.ts";
import { isKnownZone } from "#core/calendar/zone.ts";

const local = (text: string): Temporal.PlainDateTime => Temporal.PlainDateTime.from(text);

function endOf(text: string): RuleEnd {
  const clock = /^(\d\d):(\d\d)$/.exec(text);
  if (clock !== null) return { kind: "wall", minuteOfDay: Number(clock[1]) * 60 + Number(clock[2]) };
  if (text.startsWith("P")) return { kind: "elapsed", duration: Temporal.Duration.from(text) };
  return { kind: "until", at: local(text) };
}

function aRule(zone: string, start: string, end: string, rrule: string | null = null): LocalRule {
  return { zone, start: local(start), rrule, end: endOf(end), exdates: [] };
}

/** Spans as `from/to`, the date left out where it is that of the day in the title. */
function spansAround(kind: SpanKind, rule: LocalRule, since: string, until: string): string[] {
  const between = { from: Temporal.Instant.from(since), to: Temporal.Instant.from(until) };
  const spans = spansOf(kind, rule, "UTC", between);
  assert.ok(spans.ok, spans.ok ? "" : spans.error.message);
  return spansIn(spans.value).map(({ from, to }) => `${from.toString().slice(5, 16)}Z/${to.toString().slice(5, 16)}Z`);
}

const berlin = "Europe/Berlin";
const lordHowe = "Australia/Lord_Howe";
const apia = "Pacific/Apia";

for (const [title, kind, zone, start, end, expected] of [
  // Berlin, 2026-03-29: 02:00 jumps to 03:00 at 01:00Z.
  [
    "a start in the gap is clamped to the jump",
    "window",
    berlin,
    "2026-03-29T02:30",
    "05:00",
    ["03-29T01:00Z/03-29T03:00Z"],
  ],
  [
    "an end in the gap is clamped to the jump",
    "window",
    berlin,
    "2026-03-29T01:00",
    "02:30",
    ["03-29T00:00Z/03-29T01:00Z"],
  ],
  ["a freeze is clamped like a window", "freeze", berlin, "2026-03-29T02:30", "05:00", ["03-29T01:00Z/03-29T03:00Z"]],
  ["an occurrence wholly inside the gap does not open", "window", berlin, "2026-03-29T02:10", "02:50", []],
  ["a freeze wholly inside the gap has no length either", "freeze", berlin, "2026-03-29T02:00", "03:00", []],
  [
    "a window over the gap is an hour shorter",
    "window",
    berlin,
    "2026-03-29T01:00",
    "05:00",
    ["03-29T00:00Z/03-29T03:00Z"],
  ],
  ["a duration ignores the gap", "window", berlin, "2026-03-29T01:00", "PT4H", ["03-29T00:00Z/03-29T04:00Z"]],
  [
    "a duration runs from the clamped start",
    "window",
    berlin,
    "2026-03-29T02:30",
    "PT1H",
    ["03-29T01:00Z/03-29T02:00Z"],
  ],
  // Berlin, 2026-10-25: 03:00 falls back to 02:00 at 01:00Z.
  [
    "a window over the overlap is an hour longer",
    "window",
    berlin,
    "2026-10-25T01:00",
    "05:00",
    ["10-24T23:00Z/10-25T04:00Z"],
  ],
  [
    "a window starts at the first reading",
    "window",
    berlin,
    "2026-10-25T02:30",
    "04:00",
    ["10-25T00:30Z/10-25T03:00Z"],
  ],
  [
    "a freeze starts at the first reading too",
    "freeze",
    berlin,
    "2026-10-25T02:30",
    "04:00",
    ["10-25T00:30Z/10-25T03:00Z"],
  ],
  [
    "a window ends at the first reading of its end",
    "window",
    berlin,
    "2026-10-25T01:00",
    "02:30",
    ["10-24T23:00Z/10-25T00:30Z"],
  ],
  [
    "a freeze ends at the second reading of its end",
    "freeze",
    berlin,
    "2026-10-25T01:00",
    "02:30",
    ["10-24T23:00Z/10-25T01:30Z"],
  ],
  [
    "a window inside the repeated hour opens once",
    "window",
    berlin,
    "2026-10-25T02:10",
    "02:50",
    ["10-25T00:10Z/10-25T00:50Z"],
  ],
  [
    "a freeze inside the repeated hour holds through both",
    "freeze",
    berlin,
    "2026-10-25T02:10",
    "02:50",
    ["10-25T00:10Z/10-25T01:50Z"],
  ],
  [
    "a freeze that ends where the overlap begins ends an hour later",
    "freeze",
    berlin,
    "2026-10-25T00:00",
    "02:00",
    ["10-24T22:00Z/10-25T01:00Z"],
  ],
  ["a duration ignores the overlap", "window", berlin, "2026-10-25T01:00", "PT4H", ["10-24T23:00Z/10-25T03:00Z"]],
  // Wrapping and the ends of days.
  [
    "an end before the start is on the next day",
    "window",
    berlin,
    "2026-03-28T22:00",
    "06:00",
    ["03-28T21:00Z/03-29T04:00Z"],
  ],
  [
    "an end equal to the start is a whole day later",
    "window",
    berlin,
    "2026-06-01T06:00",
    "06:00",
    ["06-01T04:00Z/06-02T04:00Z"],
  ],
  ["24:00 is the end of the day", "window", berlin, "2026-06-30T20:00", "24:00", ["06-30T18:00Z/06-30T22:00Z"]],
  [
    "00:00 to 24:00 is the day, 23 hours in March",
    "window",
    berlin,
    "2026-03-29T00:00",
    "24:00",
    ["03-28T23:00Z/03-29T22:00Z"],
  ],
  ["00:00 to 00:00 is the same day", "window", berlin, "2026-03-29T00:00", "00:00", ["03-28T23:00Z/03-29T22:00Z"]],
  [
    "a window wraps over the end of a year",
    "window",
    "UTC",
    "2026-12-31T23:00",
    "01:00",
    ["12-31T23:00Z/01-01T01:00Z"],
  ],
  [
    "an absolute end may be days away",
    "freeze",
    berlin,
    "2026-03-31T18:00",
    "2026-04-02T06:00",
    ["03-31T16:00Z/04-02T04:00Z"],
  ],
  // Lord Howe, 2026-04-05: 02:00 falls back to 01:30; 2026-10-04: 02:00 jumps to 02:30. The clock moves half an hour.
  [
    "half an hour more in the overlap of Lord Howe",
    "window",
    lordHowe,
    "2026-04-05T01:00",
    "03:00",
    ["04-04T14:00Z/04-04T16:30Z"],
  ],
  [
    "a freeze in the repeated half hour of Lord Howe",
    "freeze",
    lordHowe,
    "2026-04-05T01:30",
    "01:45",
    ["04-04T14:30Z/04-04T15:15Z"],
  ],
  [
    "a start in the gap of half an hour",
    "window",
    lordHowe,
    "2026-10-04T02:15",
    "03:00",
    ["10-03T15:30Z/10-03T16:00Z"],
  ],
  // Apia had no 30 December 2011.
  ["a window on the lost day of Apia does not open", "window", apia, "2011-12-30T01:00", "05:00", []],
  [
    "a window into the lost day of Apia ends with the day before",
    "window",
    apia,
    "2011-12-29T22:00",
    "04:00",
    ["12-30T08:00Z/12-30T10:00Z"],
  ],
  [
    "a window out of the lost day of Apia starts with the day after",
    "window",
    apia,
    "2011-12-30T22:00",
    "02:00",
    ["12-30T10:00Z/12-30T12:00Z"],
  ],
] as const) {
  test(`${title} (${kind}, ${zone}, ${start} to ${end})`, () => {
    const day = Temporal.PlainDate.from(start.slice(0, 10));
    const since = `${day.subtract({ days: 3 }).toString()}T00:00Z`;
    const until = `${day.add({ days: 4 }).toString()}T00:00Z`;
    assert.deepEqual(spansAround(kind, aRule(zone, start, end), since, until), expected);
  });
}

for (const [title, localText, zone, expected] of [
  ["in a gap with the offset before it", "2026-03-29T02:30", berlin, "2026-03-29T01:30:00Z"],
  ["in an overlap the first", "2026-10-25T02:30", berlin, "2026-10-25T00:30:00Z"],
  ["at the first instant after a gap", "2026-03-29T03:00", berlin, "2026-03-29T01:00:00Z"],
  ["on the lost day of Apia", "2011-12-30T12:00", apia, "2011-12-30T22:00:00Z"],
] as const) {
  test(`a point in time is read ${title}`, () => {
    const point = resolvePoint(local(localText), zone);
    assert.ok(point.ok);
    assert.equal(point.value.toString(), expected);
  });
}

test("a rule stored in one season is right in the other", () => {
  const rule = aRule(berlin, "2025-12-01T20:00", "22:00", "FREQ=DAILY");
  assert.deepEqual(spansAround("window", rule, "2026-07-01T12:00Z", "2026-07-02T12:00Z"), [
    "07-01T18:00Z/07-01T20:00Z",
  ]);
  const summer = aRule(berlin, "2025-07-01T20:00", "22:00", "FREQ=DAILY");
  assert.deepEqual(spansAround("window", summer, "2026-01-01T12:00Z", "2026-01-02T12:00Z"), [
    "01-01T19:00Z/01-01T21:00Z",
  ]);
});

for (const [rrule, expected] of [
  ["FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", ["2026-01-03", "2026-01-17", "2026-01-31", "2026-02-14"]],
  ["FREQ=DAILY;INTERVAL=3", ["2026-01-03", "2026-01-06", "2026-01-09", "2026-01-12"]],
  ["FREQ=MONTHLY;INTERVAL=3;BYDAY=1SA", ["2026-01-03", "2026-04-04", "2026-07-04", "2026-10-03"]],
] as const) {
  test(`${rrule} opens a window and closes by a freeze on the same days, counted from the anchor`, () => {
    for (const kind of ["window", "freeze"] as const) {
      const spans = spansAround(
        kind,
        aRule("UTC", "2026-01-03T01:00", "05:00", rrule),
        "2026-01-01T00:00Z",
        "2026-12-01T00:00Z",
      );
      assert.deepEqual(
        spans.slice(0, 4),
        expected.map((day) => `${day.slice(5)}T01:00Z/${day.slice(5)}T05:00Z`),
      );
    }
  });
}

test("the range clips spans and finds those that began before it", () => {
  const rule = aRule("UTC", "2026-01-01T12:00", "P3D", "FREQ=MONTHLY");
  assert.deepEqual(spansAround("freeze", rule, "2026-02-03T00:00Z", "2026-03-02T00:00Z"), [
    "02-03T00:00Z/02-04T12:00Z",
    "03-01T12:00Z/03-02T00:00Z",
  ]);
});

test("touching and overlapping occurrences become one span", () => {
  const rule = aRule("UTC", "2026-01-01T00:00", "24:00", "FREQ=DAILY;COUNT=5");
  assert.deepEqual(spansAround("window", rule, "2025-12-30T00:00Z", "2026-02-01T00:00Z"), [
    "01-01T00:00Z/01-06T00:00Z",
  ]);
});

test("an excluded local start does not happen, and still counts for COUNT", () => {
  const rule = {
    ...aRule(berlin, "2026-01-03T01:00", "05:00", "FREQ=WEEKLY;COUNT=3"),
    exdates: [local("2026-01-10T01:00")],
  };
  assert.deepEqual(spansAround("window", rule, "2026-01-01T00:00Z", "2026-03-01T00:00Z"), [
    "01-03T00:00Z/01-03T04:00Z",
    "01-17T00:00Z/01-17T04:00Z",
  ]);
});

for (const [until, count] of [
  ["20260705T183000Z", 5],
  ["20260705T175959Z", 4],
  ["20260705T180000Z", 5],
  ["20260705T200000", 5],
  ["20260705T195959", 4],
  ["20260705", 5],
  ["20260704", 4],
] as const) {
  test(`UNTIL=${until} lets ${count} of the starts at 20:00 in Berlin through`, () => {
    const rule = aRule(berlin, "2026-07-01T20:00", "22:00", `FREQ=DAILY;UNTIL=${until}`);
    assert.equal(spansAround("window", rule, "2026-06-30T00:00Z", "2026-08-01T00:00Z").length, count);
  });
}

for (const [until, starts] of [
  // 02:00 happens twice on 25 October; the start is at the first, so an UNTIL between the two lets it through.
  ["20261025T003000Z", "22:00 23:00 00:00"],
  ["20261024T235959Z", "22:00 23:00"],
  ["20261025T023000", "22:00 23:00 00:00"],
  // 02:00 is skipped on 29 March and begins, like 03:00, at the jump.
  ["20260329T010000Z", "23:00 00:00 01:00 01:00"],
  ["20260329T005959Z", "23:00 00:00"],
  ["20260329T020000", "23:00 00:00 01:00"],
] as const) {
  test(`hours on the clock of Berlin until ${until} start at ${starts} UTC`, () => {
    const day = until.includes("202610") ? "2026-10-25" : "2026-03-29";
    const rule = aRule(berlin, `${day}T00:00`, "PT10M", `FREQ=HOURLY;UNTIL=${until}`);
    const between = { from: Temporal.Instant.from(`${day}T00:00+14:00`), to: Temporal.Instant.from(`${day}T20:00Z`) };
    const found = occurrencesOf("window", rule, "UTC", between);
    assert.ok(found.ok);
    const at = (ms: number): string => Temporal.Instant.fromEpochMilliseconds(ms).toString().slice(11, 16);
    assert.equal(found.value.map(({ startMs }) => at(startMs)).join(" "), starts);
  });
}

test("occurrences say which of them a gap swallowed", () => {
  const rule = aRule(berlin, "2026-03-28T02:10", "02:50", "FREQ=DAILY;COUNT=3");
  const between = { from: Temporal.Instant.from("2026-03-27T00:00Z"), to: Temporal.Instant.from("2026-04-01T00:00Z") };
  const found = occurrencesOf("window", rule, "UTC", between);
  assert.ok(found.ok);
  assert.deepEqual(
    found.value.map(({ startMs, endMs }) => (endMs - startMs) / 60_000),
    [40, 0, 40],
  );
});

for (const [title, rule, code] of [
  ["an unknown zone", aRule("Europe/Atlantis", "2026-01-01T00:00", "01:00"), "unknown-zone"],
  [
    "a fault in the recurrence",
    aRule("UTC", "2026-01-01T00:00", "01:00", "FREQ=DAILY;BYDAY=2MO"),
    "unreadable-recurrence",
  ],
  ["a duration of months", aRule("UTC", "2026-01-01T00:00", "P1M"), "bad-end"],
  ["a duration beyond the limit", aRule("UTC", "2026-01-01T00:00", `P${maxElapsedDays + 1}D`), "bad-end"],
  ["an absolute end with a recurrence", aRule("UTC", "2026-01-01T00:00", "2026-02-01T00:00", "FREQ=DAILY"), "bad-end"],
  [
    "an end beyond the day",
    { ...aRule("UTC", "2026-01-01T00:00", "01:00"), end: { kind: "wall", minuteOfDay: 1441 } },
    "bad-end",
  ],
] as const) {
  test(`${title} is an error value`, () => {
    assert.equal(faultOf(rule, "UTC")?.code, code);
    const between = {
      from: Temporal.Instant.from("2026-01-01T00:00Z"),
      to: Temporal.Instant.from("2027-01-01T00:00Z"),
    };
    const spans = spansOf("window", rule, "UTC", between);
    assert.equal(spans.ok ? null : spans.error.code, code);
  });
}

test("a recurrence that occurs far too often is an error value and not a long wait", () => {
  const rule = aRule("UTC", "2026-01-01T00:00", "PT1S", "FREQ=SECONDLY");
  const between = { from: Temporal.Instant.from("2026-01-01T00:00Z"), to: Temporal.Instant.from("2027-01-01T00:00Z") };
  const spans = spansOf("window", rule, "UTC", between);
  assert.equal(spans.ok ? null : spans.error.code, "too-much-work");
});

for (const [name, known] of [
  ["Europe/Berlin", true],
  ["UTC", true],
  ["Etc/GMT+5", true],
  ["America/Argentina/Buenos_Aires", true],
  ["Mars/Olympus", false],
  ["+01:00", false],
  ["2026-01-01T00:00[Europe/Berlin]", false],
  ["Z", false],
  ["", false],
  ["target", false],
] as const) {
  test(`"${name}" is ${known ? "a" : "no"} zone`, () => {
    assert.equal(isKnownZone(name), known);
  });
}

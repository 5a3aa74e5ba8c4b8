import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseRecurrence } from "#core/calendar/parse-rrule.ts";

for (const [text, offset, message] of [
  ["", 0, /empty/],
  ["FREQ=FORTNIGHTLY", 5, /FREQ=FORTNIGHTLY is not one of YEARLY/],
  ["INTERVAL=2", 0, /FREQ is missing/],
  ["FREQ=DAILY;INTERVAL=0", 20, /whole number from 1/],
  ["FREQ=DAILY;INTERVAL=-1", 20, /whole number from 1/],
  ["FREQ=DAILY;COUNT=1000000", 17, /whole number from 1 to 100000/],
  ["FREQ=DAILY;FREQ=WEEKLY", 11, /FREQ is given twice/],
  ["FREQ=WEEKLY;BYDAY=XX", 18, /"XX" is not a weekday/],
  ["FREQ=WEEKLY;BYDAY=2MO", 12, /ordinal in BYDAY has no meaning with FREQ=WEEKLY/],
  ["FREQ=YEARLY;BYWEEKNO=2;BYDAY=1MO", 23, /beside BYWEEKNO/],
  ["FREQ=MONTHLY;BYDAY=0MO", 19, /not a weekday/],
  ["FREQ=MONTHLY;BYMONTHDAY=32", 24, /from -31 to 31/],
  ["FREQ=MONTHLY;BYMONTHDAY=0", 24, /0 has no meaning/],
  ["FREQ=DAILY;BYHOUR=24", 18, /from 0 to 23/],
  ["FREQ=DAILY;UNTIL=20260230", 17, /is not a date/],
  ["FREQ=DAILY;UNTIL=2026-01-01", 17, /is not a date/],
  ["FREQ=DAILY;COUNT=2;UNTIL=20260101", 19, /exclude each other/],
  ["FREQ=DAILY;BYSETPOS=1", 11, /BYSETPOS needs another/],
  ["FREQ=DAILY;BYLUNCH=1", 19, /BYLUNCH is not a part/],
  ["FREQ=DAILY;", 11, /empty part/],
  ["FREQ=DAILY;COUNT", 11, /NAME=value/],
  ["FREQ=MONTHLY;RSCALE=CHINESE;SKIP=OMIT", 20, /only GREGORIAN/],
] as const) {
  test(`"${text}" is refused at character ${offset}`, () => {
    const read = parseRecurrence(text);
    assert.ok(!read.ok);
    assert.equal(read.error.offset, offset);
    assert.match(read.error.message, message);
  });
}

test("letters may be small and numbers signed, as RFC 5545 allows", () => {
  const read = parseRecurrence("freq=monthly;byday=+1mo,-1FR;bymonthday=-3;wkst=su");
  assert.ok(read.ok);
  assert.deepEqual(read.value.byDay, [
    { ordinal: 1, weekday: 0 },
    { ordinal: -1, weekday: 4 },
  ]);
  assert.deepEqual([read.value.frequency, read.value.byMonthDay, read.value.weekStart], ["MONTHLY", [-3], 6]);
});

test("a calendar from the wild is read leniently, with ordinals dropped where they mean nothing", () => {
  const read = parseRecurrence("INTERVAL=0;FREQ=WEEKLY;BYDAY=2MO;;BYMINUTE=0, 15", "lenient");
  assert.ok(read.ok);
  assert.deepEqual(
    [read.value.interval, read.value.byDay, read.value.byMinute],
    [1, [{ ordinal: 0, weekday: 0 }], [0, 15]],
  );
});

test("a rule longer than any sensible one is refused unread", () => {
  const read = parseRecurrence(`FREQ=DAILY;BYHOUR=${"1,".repeat(4_000)}1`);
  assert.equal(read.ok, false);
});

test("no text makes the reader throw", () => {
  const word = fc.constantFrom(
    "FREQ=",
    "DAILY",
    "BYDAY=",
    "MO",
    ";",
    ",",
    "=",
    "-1",
    "UNTIL=",
    "20260101",
    "T",
    "Z",
    "\n",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 12 }).map((words) => words.join("")),
  );
  fc.assert(
    fc.property(text, fc.constantFrom("strict" as const, "lenient" as const), (given, mode) => {
      const read = parseRecurrence(given, mode);
      assert.ok(read.ok || read.error.offset <= given.length);
    }),
  );
});

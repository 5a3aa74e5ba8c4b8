import assert from "node:assert/strict";
import { test } from "node:test";
import { answerLine as recur } from "./recur.ts";
import { answerLine as resolve } from "./resolve.ts";
import { answerLine as spans } from "./spans.ts";

const weekend = {
  id: "w1",
  kind: "window",
  zone: "Europe/Berlin",
  start: "2026-01-04T01:00",
  rrule: "FREQ=WEEKLY;BYDAY=SU",
  end: "05:00",
  exdates: [],
  since: "2026-03-28T00:00:00Z",
  until: "2026-04-06T00:00:00Z",
};

const reading = { id: 3, local: "2026-03-29T02:30", zone: "Europe/Berlin" };
const monthly = { id: "r", dtstart: "2026-01-31T09:00", rule: "RRULE:FREQ=MONTHLY\nRDATE:20260401T090000" };

for (const [title, answer, expected] of [
  [
    "spans are clipped, in UTC and without fraction",
    spans(weekend),
    {
      id: "w1",
      spans: [
        ["2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z"],
        ["2026-04-04T23:00:00Z", "2026-04-05T03:00:00Z"],
      ],
    },
  ],
  [
    "a duration and an exdate are read",
    spans({ ...weekend, end: undefined, duration: "PT4H", exdates: ["2026-04-05T01:00"] }),
    { id: "w1", spans: [["2026-03-29T00:00:00Z", "2026-03-29T04:00:00Z"]] },
  ],
  [
    "a rule without recurrence may end on another day",
    spans({ ...weekend, kind: "freeze", rrule: null, start: "2026-03-31T18:00", end: "2026-04-02T06:00" }),
    { id: "w1", spans: [["2026-03-31T16:00:00Z", "2026-04-02T04:00:00Z"]] },
  ],
  [
    "the first dates of a set",
    recur({ ...monthly, limit: 3 }),
    { id: "r", dates: ["2026-01-31T09:00:00", "2026-03-31T09:00:00", "2026-04-01T09:00:00"] },
  ],
  [
    "the dates of a range, whose end is left out",
    recur({ ...monthly, between: ["2026-03-31T09:00", "2026-04-01T09:00"] }),
    { id: "r", dates: ["2026-03-31T09:00:00"] },
  ],
  ["a point in a gap", resolve(reading), { id: 3, instant: "2026-03-29T01:30:00Z" }],
  [
    "a point in an overlap",
    resolve({ ...reading, local: "2026-10-25T02:30" }),
    { id: 3, instant: "2026-10-25T00:30:00Z" },
  ],
] as const) {
  test(`lab: ${title}`, () => {
    assert.deepEqual(answer, expected);
  });
}

for (const [title, answer, id, message] of [
  ["no object", spans("nonsense"), null, /expected object/],
  ["a kind that there is not", spans({ ...weekend, kind: "door" }), "w1", /kind/],
  ["an unknown zone", spans({ ...weekend, zone: "Europe/Atlantis" }), "w1", /Europe\/Atlantis/],
  ["no zone of its own", spans({ ...weekend, zone: "target" }), "w1", /needs an environment/],
  ["a start with a zone", spans({ ...weekend, start: "2026-01-04T01:00Z" }), "w1", /not a local date-time/],
  ["a recurrence that cannot be read", spans({ ...weekend, rrule: "FREQ=OFTEN" }), "w1", /FREQ=OFTEN/],
  ["no end", spans({ ...weekend, end: undefined }), "w1", /one of end and duration/],
  ["two ends", spans({ ...weekend, duration: "PT1H" }), "w1", /exclude each other/],
  ["a time of day beyond the day", spans({ ...weekend, end: "24:01" }), "w1", /24:01/],
  ["a duration that is none", spans({ ...weekend, end: undefined, duration: "4h" }), "w1", /4h/],
  [
    "a rule that never matches",
    recur({ ...monthly, rule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30" }),
    "r",
    /BYMONTHDAY=30: .*does not match/,
  ],
  ["a line that is none", recur({ ...monthly, rule: "SUMMARY:lunch" }), "r", /SUMMARY/],
  ["a date that does not exist", resolve({ ...reading, local: "2026-02-30T10:00" }), 3, /2026-02-30/],
  ["a zone that is an offset", resolve({ ...reading, zone: "+01:00" }), 3, /knows no zone/],
] as const) {
  test(`lab: ${title} gives the id and an error`, () => {
    assert.ok("error" in answer && "id" in answer);
    assert.equal(answer.id, id);
    assert.match(String(answer.error), message);
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { readShifts } from "#connectors/ical/read-shifts.ts";
import { dutiesOfShifts } from "#core/calendar/cover/shift-event.ts";
import { at } from "#core/testing.ts";

const between = { from: at("2026-03-01T00:00Z"), to: at("2026-04-30T00:00Z") };
const known = {
  mapping: { "Ann@Example.org": "ann", "On call: Bob": "bob" },
  declared: new Set(["ann", "bob", "cem"]),
};

function calendarOf(...events: readonly (readonly string[])[]): string {
  const body = events.flatMap((lines) => ["BEGIN:VEVENT", ...lines, "END:VEVENT"]);
  return ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test", ...body, "END:VCALENDAR", ""].join("\r\n");
}

const times = ["DTSTART:20260302T080000Z", "DTEND:20260302T200000Z"];

function personsIn(text: string): string {
  const shifts = readShifts(text, "Europe/Berlin", between);
  if (!shifts.ok) return `line ${shifts.error.line ?? "?"}, ${shifts.error.event ?? "?"}: ${shifts.error.message}`;
  const duties = dutiesOfShifts(shifts.value, known);
  if (!duties.ok) return `line ${duties.error.line}, ${duties.error.event}: ${duties.error.message}`;
  return duties.value.map(({ person, from }) => `${person} ${from.toString()}`).join(", ");
}

for (const [title, lines, expected] of [
  ["an attendee by the mapping, whatever the case", ["ATTENDEE:MAILTO:ann@example.org"], "ann 2026-03-02T08:00:00Z"],
  ["a summary by the mapping", ["SUMMARY:On call: Bob"], "bob 2026-03-02T08:00:00Z"],
  ["a summary that is a declared person", ["SUMMARY:cem"], "cem 2026-03-02T08:00:00Z"],
  ["the organizer before the summary", ["SUMMARY:cem", "ORGANIZER:mailto:ann@example.org"], "ann 2026-03-02T08:00:00Z"],
  [
    "two who attend are both on duty, and who declined is not",
    [
      "ATTENDEE:mailto:ann@example.org",
      "ATTENDEE;PARTSTAT=ACCEPTED:mailto:cem",
      "ATTENDEE;PARTSTAT=DECLINED:mailto:x@y.z",
    ],
    "ann 2026-03-02T08:00:00Z, cem 2026-03-02T08:00:00Z",
  ],
  ["nobody, when everybody has declined", ["SUMMARY:cem", "ATTENDEE;PARTSTAT=DECLINED:mailto:ann@example.org"], ""],
  [
    "an unknown attendee refuses the text, also beside a known one",
    ["ATTENDEE:mailto:ann@example.org", "ATTENDEE:mailto:zoe@example.org"],
    "line 4, shift: nobody is known by ATTENDEE zoe@example.org; name the person for it in the mapping",
  ],
  [
    "an unknown summary refuses the text",
    ["SUMMARY:Pager"],
    "line 4, shift: nobody is known by SUMMARY Pager; name the person for it in the mapping",
  ],
] as const) {
  test(`who is on duty by an event: ${title}`, () =>
    assert.equal(personsIn(calendarOf(["UID:shift", ...times, ...lines])), expected));
}

test("a recurring shift keeps its local hours through a change of the clocks, and a replaced one is another's", () => {
  const daily = [
    "UID:night",
    "DTSTART;TZID=Europe/Berlin:20260328T200000",
    "DTEND;TZID=Europe/Berlin:20260329T080000",
    "RRULE:FREQ=DAILY;COUNT=3",
    "SUMMARY:ann",
  ];
  const swapped = [
    "UID:night",
    "RECURRENCE-ID;TZID=Europe/Berlin:20260329T200000",
    "DTSTART;TZID=Europe/Berlin:20260329T200000",
    "DTEND;TZID=Europe/Berlin:20260330T080000",
    "SUMMARY:cem",
  ];
  const expected = "ann 2026-03-28T19:00:00Z, cem 2026-03-29T18:00:00Z, ann 2026-03-30T18:00:00Z";
  assert.equal(personsIn(calendarOf(daily, swapped)), expected);
});

test("a shift without an end refuses the text by line and event", () => {
  const endless = calendarOf(
    ["UID:good", ...times, "SUMMARY:ann"],
    ["UID:endless", "DTSTART:20260302T080000Z", "SUMMARY:ann"],
  );
  assert.equal(personsIn(endless), "line 10, endless: the shift has no end (DTEND or DURATION)");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { IcalFault } from "#connectors/ical/jcal.ts";
import { readCalendar } from "#connectors/ical/read-calendar.ts";
import { processorMs } from "#test/support/processor-time.ts";

const between = { from: Temporal.Instant.from("2026-10-01T00:00Z"), to: Temporal.Instant.from("2027-10-01T00:00Z") };
const zone = "Europe/Berlin";

function calendar(...events: readonly string[]): string {
  const body = events.map((event) => `BEGIN:VEVENT\n${event.trim()}\nEND:VEVENT`).join("\n");
  return `BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test\n${body}\nEND:VCALENDAR\n`.replaceAll("\n", "\r\n");
}

/** `uid[/occurrence] from–to` in UTC. */
function read(text: string): readonly string[] {
  const found = readCalendar(text, zone, between);
  assert.ok(found.ok, found.ok ? "" : JSON.stringify(found.error));
  return found.value.map(({ uid, occurrence, from, to }) => {
    const name = occurrence === "" ? uid : `${uid}/${occurrence.slice(0, 16)}`;
    return `${name} ${from.toString().slice(0, 16)}–${to.toString().slice(0, 16)}`;
  });
}

function faultOf(text: string): IcalFault {
  const found = readCalendar(text, zone, between);
  assert.ok(!found.ok, found.ok ? JSON.stringify(found.value.slice(0, 3)) : "");
  return found.error;
}

test("a campaign of Outlook is read in the zone that Windows calls W. Europe Standard Time", () => {
  const text = calendar(`UID:bf
DTSTART;TZID="W. Europe Standard Time":20261127T080000
DTEND;TZID="W. Europe Standard Time":20261128T000000
SUMMARY:Black Friday\\, all shops
CATEGORIES:Campaign,Retail`);
  assert.deepEqual(read(text), ["bf 2026-11-27T07:00–2026-11-27T23:00"]);
  const found = readCalendar(text, zone, between);
  assert.deepEqual(found.ok && found.value[0]?.categories, ["Campaign", "Retail"]);
  assert.equal(found.ok && found.value[0]?.summary, "Black Friday, all shops");
});

test("zones are IANA names, Windows names, names behind a path and names that the file locates", () => {
  for (const name of ["Europe/Berlin", "/mozilla.org/20050126_1/Europe/Berlin", "Romance Standard Time"])
    assert.deepEqual(
      read(calendar(`UID:x\nDTSTART;TZID=${name}:20261127T080000\nDURATION:PT1H`)),
      ["x 2026-11-27T07:00–2026-11-27T08:00"],
      name,
    );
  const located = calendar("UID:x\nDTSTART;TZID=Our Zone:20261127T080000\nDURATION:PT1H").replace(
    "BEGIN:VEVENT",
    "BEGIN:VTIMEZONE\r\nTZID:Our Zone\r\nX-LIC-LOCATION:Europe/Berlin\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT",
  );
  assert.deepEqual(read(located), ["x 2026-11-27T07:00–2026-11-27T08:00"]);
});

test("days and times without a zone are those of the calendar's own zone", () => {
  assert.deepEqual(read(calendar("UID:d\nDTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227")), [
    "d 2026-12-23T23:00–2026-12-26T23:00",
  ]);
  assert.deepEqual(read(calendar("UID:d\nDTSTART;VALUE=DATE:20261224")), ["d 2026-12-23T23:00–2026-12-24T23:00"]);
  assert.deepEqual(read(calendar("UID:f\nDTSTART:20261224T090000\nDURATION:P1DT2H")), [
    "f 2026-12-24T08:00–2026-12-25T10:00",
  ]);
});

test("a day on which clocks change lasts as long as it lasts", () => {
  assert.deepEqual(read(calendar("UID:d\nDTSTART;VALUE=DATE:20261025")), ["d 2026-10-24T22:00–2026-10-25T23:00"]);
  assert.deepEqual(read(calendar("UID:d\nDTSTART;VALUE=DATE:20270328")), ["d 2027-03-27T23:00–2027-03-28T22:00"]);
});

test("a series keeps its place on the wall, loses what is excluded and moves what is replaced", () => {
  const text = calendar(
    `UID:w
DTSTART;TZID=America/New_York:20261025T013000
DURATION:PT1H
RRULE:FREQ=WEEKLY;COUNT=6
RDATE;TZID=America/New_York:20261209T100000
EXDATE:20261115T063000Z`,
    `UID:w
RECURRENCE-ID;TZID=America/New_York:20261122T013000
DTSTART;TZID=America/New_York:20261123T090000
DURATION:PT2H`,
    `UID:w
RECURRENCE-ID;TZID=America/New_York:20261129T013000
DTSTART;TZID=America/New_York:20261129T013000
STATUS:CANCELLED`,
  );
  assert.deepEqual(read(text), [
    "w/2026-10-25T01:30 2026-10-25T05:30–2026-10-25T06:30",
    // 1 November: the clocks show 01:30 twice; a point in time is the first.
    "w/2026-11-01T01:30 2026-11-01T05:30–2026-11-01T06:30",
    "w/2026-11-08T01:30 2026-11-08T06:30–2026-11-08T07:30",
    "w/2026-11-22T01:30 2026-11-23T14:00–2026-11-23T16:00",
    "w/2026-12-09T10:00 2026-12-09T15:00–2026-12-09T16:00",
  ]);
});

test("UNTIL as an instant is compared on the clock of the event's zone", () => {
  const text = calendar(
    "UID:u\nDTSTART;TZID=America/New_York:20261201T233000\nDURATION:PT15M\nRRULE:FREQ=DAILY;UNTIL=20261204T043000Z",
  );
  assert.equal(read(text).length, 3);
});

test("cancelled events are gone, and so is everything in a cancellation", () => {
  assert.deepEqual(read(calendar("UID:c\nDTSTART:20261127T080000Z\nDURATION:PT1H\nSTATUS:CANCELLED")), []);
  const all = calendar("UID:c\nDTSTART:20261127T080000Z\nDURATION:PT1H").replace("VERSION", "METHOD:CANCEL\r\nVERSION");
  assert.deepEqual(read(all), []);
});

test("of two events with one name the higher SEQUENCE counts", () => {
  const event = (hour: string, sequence: number) =>
    `UID:s\nSEQUENCE:${sequence}\nDTSTART:20261127T${hour}0000Z\nDURATION:PT1H`;
  assert.deepEqual(read(calendar(event("10", 2), event("08", 1))), ["s 2026-11-27T10:00–2026-11-27T11:00"]);
});

test("a moment is an event without length", () => {
  assert.deepEqual(read(calendar("UID:m\nDTSTART:20261127T080000Z")), ["m 2026-11-27T08:00–2026-11-27T08:00"]);
});

test("whatever is not right refuses the whole text and names line and event", () => {
  const good = "UID:good\nDTSTART:20261127T080000Z\nDURATION:PT1H";
  const cases: readonly (readonly [string, RegExp])[] = [
    ["UID:bad", /DTSTART/],
    ["UID:bad\nDTSTART:20261131T080000Z", /no date or time that exists/],
    ["UID:bad\nDTSTART;TZID=Mars/Base:20261127T080000", /zone that nobody knows, "Mars\/Base"/],
    ["UID:bad\nDTSTART:20261127T080000Z\nRRULE:FREQ=SECONDLY", /more than 96 times a day/],
    ["UID:bad\nDTSTART:20261127T080000Z\nRRULE:FREQ=MINUTELY;INTERVAL=15", /more than 5000 times/],
    ["UID:bad\nDTSTART:20261127T080000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", /never matches/],
    ["UID:bad\nDTSTART:20261127T080000Z\nRRULE:FREQ=WEEKLY;UNTIL=20200101T000000Z", /never matches/],
    ["UID:bad\nDTSTART:20261127T080000Z\nDTEND:20261127T070000Z", /ends before it begins/],
    ["UID:bad\nDTSTART:20261127T080000Z\nDURATION:-PT1H", /no length/],
    ["UID:bad\nDTSTART:20261127T080000Z\nRDATE;VALUE=PERIOD:20261128T080000Z/PT1H", /periods/],
    ["UID:bad\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261127T080000Z\nDTSTART:20261127T080000Z", /RANGE/],
  ];
  for (const [event, message] of cases) {
    const fault = faultOf(calendar(good, event));
    assert.match(fault.message, message);
    assert.equal(fault.event, "bad", event);
    assert.equal(fault.line, 9, event);
  }
  assert.match(faultOf(calendar("SUMMARY:nameless\nDTSTART:20261127T080000Z")).message, /no UID/);
});

test("what is no calendar, breaks off or holds a line that is none is refused with its line", () => {
  assert.deepEqual([faultOf("<html>not found</html>").line, faultOf("").line], [1, 1]);
  const whole = calendar("UID:x\nDTSTART:20261127T080000Z\nDURATION:PT1H");
  assert.match(faultOf(whole.slice(0, -20)).message, /breaks off/);
  const odd = faultOf(whole.replace("DURATION:PT1H", "DURATION:PT1H\r\nnonsense"));
  assert.equal(odd.line, 8);
});

test("a text that was cut anywhere is never half a calendar", () => {
  const whole = calendar(
    "UID:a\nDTSTART:20261127T080000Z\nDURATION:PT1H",
    "UID:b\nDTSTART:20261128T080000Z\nDURATION:PT1H",
  ).trimEnd();
  fc.assert(
    fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
      assert.equal(readCalendar(whole.slice(0, length), zone, between).ok, false);
    }),
  );
});

test("no text makes the reader throw", () => {
  const words = [
    "BEGIN:VCALENDAR\r\n",
    "BEGIN:VEVENT\r\n",
    "END:VEVENT\r\n",
    "UID:x\r\n",
    "DTSTART:20261127\r\n",
    "RRULE:",
  ];
  const parts = fc.oneof(fc.constantFrom(...words, ";", ":", "\r\n ", "FREQ=DAILY\r\n"), fc.string({ maxLength: 12 }));
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 30 }), (middle) => {
      const found = readCalendar(`BEGIN:VCALENDAR\r\n${middle.join("")}\r\nEND:VCALENDAR`, zone, between);
      assert.equal(typeof found.ok, "boolean");
    }),
    { numRuns: 300 },
  );
});

test("5,000 events, a tenth of them recurring, are read in less than a second", () => {
  const many = calendar(
    ...Array.from(
      { length: 5_000 },
      (_, index) => `UID:e${index}
DTSTART;TZID=Europe/Berlin:20261127T080000
DTEND;TZID=Europe/Berlin:20261127T100000
SUMMARY:Event ${index}${index % 10 === 0 ? "\nRRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=8" : ""}`,
    ),
  );
  assert.equal(read(many).length, 8_500);
  const took = processorMs(() => read(many), 1_500);
  assert.ok(took < 1_500, `${took} ms`);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { agendaOf, entriesOf, nextEntry, type Lane } from "./entries.ts";
import { dayOf, monthOf, placeIn, rangeOf, shareOf, stepped, weekOf } from "./days.ts";
import { packed } from "./pack.ts";
import { calendarSearch } from "./search.ts";
import { lengthText, minutesText, oddLength, spanInZones, spanText } from "./words.ts";

const date = (text: string) => Temporal.PlainDate.from(text);
const at = (text: string) => Temporal.Instant.from(text);
const span = (from: string, to: string) => ({ from: at(from), to: at(to) });

for (const [zone, day, hours] of [
  ["Europe/Berlin", "2026-03-29", 23],
  ["Europe/Berlin", "2026-10-25", 25],
  ["America/New_York", "2026-03-08", 23],
  ["America/New_York", "2026-11-01", 25],
  ["Australia/Lord_Howe", "2026-04-05", 24.5],
  ["Australia/Lord_Howe", "2026-10-04", 23.5],
  ["Asia/Tokyo", "2026-03-29", 24],
  // Clocks there jump at midnight, so the day begins at 01:00.
  ["Africa/Cairo", "2026-04-24", 23],
  ["Pacific/Apia", "2011-12-30", 0],
] as const) {
  test(`${day} in ${zone} has ${hours} hours`, () => {
    assert.equal(dayOf(date(day), zone).hours, hours);
  });
}

const zones = fc.constantFrom("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "Africa/Cairo");
const dates = fc.integer({ min: 0, max: 4000 }).map((days) => date("2020-01-01").add({ days }));

test("a month is six weeks from Monday on, without gap or overlap, whatever the clocks do", () => {
  fc.assert(
    fc.property(dates, zones, (some, zone) => {
      const days = monthOf(some, zone).flat();
      assert.equal(days.length, 42);
      assert.equal(days[0]?.date.dayOfWeek, 1);
      assert.ok(days.some((day) => day.date.equals(some)));
      days.slice(1).forEach((day, index) => assert.ok(day.from.equals(days[index]?.to ?? at("1970-01-01T00:00Z"))));
    }),
  );
});

test("a week lies on one axis of elapsed time, where a day of 25 hours is wider", () => {
  const days = weekOf(date("2026-10-25"), "Europe/Berlin");
  const range = rangeOf(days);
  const widths = days.map((day) => placeIn(range, day)?.width ?? 0);
  assert.equal(range.from.until(range.to).total("hours"), 169);
  assert.ok(Math.abs(widths.reduce((sum, width) => sum + width, 0) - 1) < 1e-12);
  assert.ok((widths[6] ?? 0) > (widths[5] ?? 0));
});

test("a span is cut to the range, and one that only touches it is not there", () => {
  const range = span("2026-03-28T00:00Z", "2026-03-29T00:00Z");
  assert.deepEqual(placeIn(range, span("2026-03-27T12:00Z", "2026-03-28T06:00Z")), { start: 0, width: 0.25 });
  assert.equal(placeIn(range, span("2026-03-29T00:00Z", "2026-03-29T01:00Z")), null);
  assert.equal(shareOf(range, at("2026-03-28T18:00Z")), 0.75);
  assert.equal(shareOf(range, range.to), null);
});

test("steps go by the calendar", () => {
  assert.equal(stepped(date("2026-03-31"), "previous-month").toString(), "2026-02-28");
  assert.equal(stepped(date("2026-03-28"), "week-start").toString(), "2026-03-23");
  assert.equal(stepped(date("2026-03-29"), "week-end").toString(), "2026-03-29");
});

const spans = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 60 })).map(([start, length]) => ({
    from: at("2026-01-01T00:00Z").add({ minutes: start }),
    to: at("2026-01-01T00:00Z").add({ minutes: start + length }),
  })),
  { maxLength: 40 },
);

test("overlapping bookings never share a track, and there are no more tracks than overlap at one instant", () => {
  fc.assert(
    fc.property(spans, (all) => {
      const { items, tracks } = packed(all, (one) => one);
      assert.equal(items.length, all.length);
      for (const [index, a] of items.entries()) {
        for (const b of items.slice(index + 1)) {
          if (a.track === b.track) assert.equal(placeIn(a.item, b.item), null);
        }
      }
      const most = Math.max(0, ...all.map((one) => all.filter((other) => shareOf(other, one.from) !== null).length));
      assert.equal(tracks, most);
    }),
  );
});

test("a short booking keeps room for its label", () => {
  const short = [span("2026-01-01T00:00Z", "2026-01-01T00:01Z"), span("2026-01-01T00:30Z", "2026-01-01T00:31Z")];
  assert.equal(packed(short, (one) => one, 3_600_000).tracks, 2);
});

const lane: Lane = {
  name: "prod-emea",
  environment: "prod-emea",
  unit: null,
  zone: "Europe/Berlin",
  restricted: true,
  open: [
    { from: "2026-03-28T00:00:00Z", to: "2026-03-28T04:00:00Z" },
    { from: "2026-03-29T00:00:00Z", to: "2026-03-29T03:00:00Z" },
  ],
  borders: [],
  freezes: [
    {
      name: "quarter-end",
      strength: "hard",
      reason: "Books.",
      spans: [{ from: "2026-03-26T16:00:00Z", to: "2026-03-27T04:00:00Z" }],
    },
  ],
  narrower: [],
  faults: [],
  cautions: [],
  clockChanges: [{ at: "2026-03-29T01:00:00Z", minutes: 60, sentence: "Clocks go forward." }],
  bookings: [],
};

test("the agenda lists what begins on a day, once, and says when the clocks change", () => {
  const days = weekOf(date("2026-03-28"), "Europe/Berlin").slice(4);
  assert.deepEqual(
    agendaOf([lane], days).map(({ day, entries, clockChanges }) => [
      day.date.toString(),
      entries.map(({ title }) => title),
      clockChanges,
    ]),
    [
      ["2026-03-27", ["Freeze quarter-end"], []],
      ["2026-03-28", ["Open"], []],
      ["2026-03-29", ["Open"], ["Clocks go forward."]],
    ],
  );
});

test("where nothing restricts, the whole time is not drawn as one opening", () => {
  const range = span("2026-03-23T00:00Z", "2026-03-30T00:00Z");
  assert.deepEqual(
    entriesOf({ ...lane, restricted: false }, range).map(({ kind }) => kind),
    ["freeze"],
  );
});

test("arrow keys move between entries and find the nearest in the next lane", () => {
  const range = span("2026-03-23T00:00Z", "2026-03-30T00:00Z");
  const lanes = [entriesOf(lane, range), [], entriesOf({ ...lane, name: "b", freezes: [] }, range)];
  const first = nextEntry(lanes, null, "right");
  assert.equal(first?.kind, "freeze");
  const second = nextEntry(lanes, first?.key ?? null, "right");
  assert.equal(second?.span.from.toString(), "2026-03-28T00:00:00Z");
  const below = nextEntry(lanes, second?.key ?? null, "down");
  assert.deepEqual([below?.lane.name, below?.span.from.toString()], ["b", "2026-03-28T00:00:00Z"]);
  assert.equal(nextEntry(lanes, below?.key ?? null, "up"), second);
  assert.equal(nextEntry(lanes, second?.key ?? null, "up"), second);
  assert.equal(nextEntry(lanes, first?.key ?? null, "end")?.span.from.toString(), "2026-03-29T00:00:00Z");
});

test("a span is told on every clock with its offset, both of them when the clocks change in it", () => {
  const night = span("2026-03-29T00:00Z", "2026-03-29T03:00Z");
  assert.deepEqual(
    spanInZones(night, ["Europe/Berlin", "Asia/Tokyo", "Europe/Berlin"]).map(({ text }) => text),
    [
      "Sun 29 Mar 01:00 – 05:00 Europe/Berlin (+01:00, then +02:00)",
      "Sun 29 Mar 09:00 – 12:00 Asia/Tokyo (+09:00)",
      "Sun 29 Mar 00:00 – 03:00 UTC",
    ],
  );
  assert.equal(
    spanText(span("2026-03-28T21:00Z", "2026-03-29T02:00Z"), "Europe/Berlin"),
    "Sat 28 Mar 22:00 – Sun 29 Mar 04:00",
  );
  assert.equal(lengthText(night), "3 h");
  assert.deepEqual(
    [minutesText(90), minutesText(0), minutesText(25 * 60), minutesText(4 * 1440 + 60)],
    ["1 h 30 min", "0 min", "25 h", "4 d 1 h"],
  );
  assert.deepEqual([oddLength(24), oddLength(25), oddLength(24.5)], [null, "25 hours", "24.5 hours"]);
});

test("a mistyped link still opens the page", () => {
  const wrong = { view: "year", date: "2026-02-30", lanes: "x", zone: "Nowhere/City", environment: "A B", draft: "1" };
  assert.deepEqual(
    Object.values(calendarSearch.parse(wrong)).filter((value) => value !== undefined),
    [],
  );
  const right = { view: "month", date: "2026-10-25", zone: "Asia/Tokyo", environment: "prod-emea" };
  assert.deepEqual(calendarSearch.parse(right), right);
});

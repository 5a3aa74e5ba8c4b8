import assert from "node:assert/strict";
import { test } from "node:test";
import { dueAfter } from "#core/exemption/due.ts";
import { at } from "#core/testing.ts";

for (const [title, from, within, zone, due] of [
  ["five working days from a Monday are the next Monday", "2026-03-09T10:00Z", "P5D", "UTC", "2026-03-16T10:00Z"],
  ["a weekend is no working time", "2026-03-13T16:00Z", "P1D", "UTC", "2026-03-16T16:00Z"],
  ["what begins on a Sunday is due on Monday", "2026-03-15T12:00Z", "P1D", "UTC", "2026-03-16T12:00Z"],
  ["a week has five of them", "2026-03-11T10:00Z", "P1W", "UTC", "2026-03-18T10:00Z"],
  ["the local time stays over a clock change", "2026-03-27T09:00Z", "P1D", "Europe/Berlin", "2026-03-30T08:00Z"],
  ["hours are elapsed time, at night and on Sundays too", "2026-03-14T20:00Z", "PT48H", "UTC", "2026-03-16T20:00Z"],
  ["days come before hours", "2026-03-13T16:00Z", "P1DT2H", "UTC", "2026-03-16T18:00Z"],
] as const) {
  test(title, () => {
    assert.equal(dueAfter(at(from), Temporal.Duration.from(within), zone).toString(), at(due).toString());
  });
}

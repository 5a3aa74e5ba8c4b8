import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absolute,
  age,
  bothZones,
  fromLocalField,
  relative,
  span,
  timeOfDay,
  toLocalField,
  wire,
} from "#web/ui/time.ts";

const now = Temporal.Instant.from("2026-03-27T20:48:00Z");
const opening = Temporal.Instant.from("2026-03-28T00:00:00Z");

for (const [seconds, text] of [
  [-3, "0 s"],
  [59.9, "59 s"],
  [60, "1 min"],
  [11_520, "3 h 12 min"],
  [7_200, "2 h"],
  [187_200, "2 d 4 h"],
] as const) {
  test(`A span of ${seconds} s reads "${text}"`, () => assert.equal(span(seconds), text));
}

test("A relative time says in which direction it lies", () => {
  assert.equal(relative(opening, now), "in 3 h 12 min");
  assert.equal(relative(now, opening), "3 h 12 min ago");
  assert.equal(relative(now, now), "now");
  assert.equal(age(now, opening), "3 h 12 min");
});

test("An absolute time names its year and its zone, and in the repeated hour the offset", () => {
  assert.equal(absolute(opening, "Europe/Berlin"), "Sat 28 Mar 2026, 01:00 Europe/Berlin");
  const second = Temporal.Instant.from("2026-10-25T01:30:00Z");
  assert.equal(absolute(second, "Europe/Berlin"), "Sun 25 Oct 2026, 02:30 +01:00 Europe/Berlin");
});

test("The tooltip shows the viewer's zone and UTC", () => {
  assert.equal(
    bothZones(opening, "Europe/Berlin"),
    "Sat 28 Mar 2026, 01:00:00 Europe/Berlin · 2026-03-28 00:00:00 UTC",
  );
});

test("A local field and back is the same instant, also across the change of the clocks", () => {
  for (const text of ["2026-03-28T00:00:00Z", "2026-03-29T01:00:00Z", "2026-10-25T02:30:00Z"]) {
    const at = Temporal.Instant.from(text);
    assert.equal(fromLocalField(toLocalField(at, "Europe/Berlin"), "Europe/Berlin")?.toString(), at.toString());
  }
  assert.equal(fromLocalField("2026-03", "UTC"), null);
});

test("Times of day and wire instants are exact to the second", () => {
  assert.equal(timeOfDay(opening.add({ milliseconds: 400 }), "Asia/Tokyo"), "09:00:00");
  assert.equal(wire(opening.add({ milliseconds: 400 })), "2026-03-28T00:00:00Z");
});

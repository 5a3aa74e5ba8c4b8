import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf, ticksOf } from "./picture.ts";
import { moved, orderOf, orderText } from "./search.ts";

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
const hourMs = 3_600_000;

test("What reaches out of the picture is cut at its edge, and what lies outside has no place", () => {
  const range = { from: 100, to: 200 };
  assert.deepEqual(placeOf({ from: 50, to: 150 }, range), { start: 0, width: 0.5 });
  assert.deepEqual(placeOf({ from: 175, to: 400 }, range), { start: 0.75, width: 0.25 });
  assert.equal(placeOf({ from: 200, to: 300 }, range), null, "half-open");
});

test("Ticks stand at round times of the zone, never more than asked for, across a change of the clocks", () => {
  const range = { from: at("2026-03-28T20:10:00Z"), to: at("2026-03-29T16:10:00Z") };
  const ticks = ticksOf(range, "Europe/Berlin", 6);
  const local = ticks.map((tick) =>
    Temporal.Instant.fromEpochMilliseconds(tick.at).toZonedDateTimeISO("Europe/Berlin").toPlainDateTime().toString(),
  );
  assert.deepEqual(local, ["2026-03-29T00:00:00", "2026-03-29T07:00:00", "2026-03-29T13:00:00"]);
  assert.deepEqual(
    ticks.map(({ isDay }) => isDay),
    [true, false, false],
  );
  for (const hours of [1, 5, 30, 100, 500, 2000]) {
    const found = ticksOf({ from: range.from, to: range.from + hours * hourMs }, "America/New_York", 6);
    assert.ok(found.length <= 7, `${hours} h: ${found.length}`);
  }
});

test("An order of regions counts only when it names each of them once, and the plan's own is not written", () => {
  const own = ["emea", "amer", "apac"];
  assert.deepEqual(orderOf(own, "apac,emea,amer"), ["apac", "emea", "amer"]);
  assert.deepEqual(orderOf(own, "apac,emea"), own);
  assert.deepEqual(orderOf(own, "apac,emea,moon"), own);
  assert.deepEqual(orderOf(own, undefined), own);
  assert.equal(orderText(own, own), undefined);
  assert.equal(orderText(own, ["amer", "emea", "apac"]), "amer,emea,apac");
});

test("A region moves one place, and stays at the ends", () => {
  const own = ["emea", "amer", "apac"];
  assert.deepEqual(moved(own, "amer", -1), ["amer", "emea", "apac"]);
  assert.deepEqual(moved(own, "amer", 1), ["emea", "apac", "amer"]);
  assert.deepEqual(moved(own, "emea", -1), own);
  assert.deepEqual(moved(own, "apac", 1), own);
});

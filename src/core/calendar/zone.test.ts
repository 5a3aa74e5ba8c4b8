/**
 * Readings of the wall clock around every clock change against Temporal's own reading of them, which goes another way:
 * it asks the zone data each time. `TIDEGATE_CALENDAR_RUNS` of 1000 or more takes every zone, fewer take some.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { resolvePoint } from "#core/calendar/resolve.ts";

const runs = Number(process.env["TIDEGATE_CALENDAR_RUNS"] ?? "25");
const always = ["Australia/Lord_Howe", "Pacific/Apia", "Europe/Dublin", "Africa/Monrovia", "Asia/Kathmandu"];
const zones = Intl.supportedValuesOf("timeZone").filter(
  (zone, place) => runs >= 1000 || always.includes(zone) || place % 16 === 0,
);
const since = Temporal.Instant.from("1970-01-01T00:00Z");
const until = Temporal.Instant.from("2060-01-01T00:00Z");

/** The instants at which the clock of a zone is put forward or back. */
function changesOf(zone: string): readonly Temporal.ZonedDateTime[] {
  const found: Temporal.ZonedDateTime[] = [];
  let at = since.toZonedDateTimeISO(zone).getTimeZoneTransition("next");
  for (; at !== null; at = at.getTimeZoneTransition("next")) {
    if (Temporal.Instant.compare(at.toInstant(), until) >= 0) break;
    found.push(at);
  }
  return found;
}

test("around every clock change since 1970 a point in time is what Temporal reads, in a gap and in an overlap too", () => {
  let looked = 0;
  for (const zone of zones) {
    for (const change of changesOf(zone)) {
      const before = change.subtract({ nanoseconds: 1_000_000 });
      const [a, b] = [before.offsetNanoseconds, change.offsetNanoseconds].map((offset) => offset / 1e6);
      const jumpMs = (b ?? 0) - (a ?? 0);
      const shownBefore = before.toPlainDateTime();
      for (const share of [-1, 0, 0.25, 0.5, 0.75, 1, 1.5]) {
        for (const nudge of [-1, 0, 1, 2]) {
          const local = shownBefore.add({
            milliseconds: Math.round(Math.abs(jumpMs) * share) * Math.sign(jumpMs) + nudge,
          });
          const found = resolvePoint(local, zone);
          assert.ok(found.ok);
          const expected = local.toZonedDateTime(zone, { disambiguation: "compatible" }).epochMilliseconds;
          assert.equal(found.value.epochMilliseconds, expected, `${zone} ${local.toString()}`);
          looked += 1;
        }
      }
    }
  }
  assert.ok(looked > 10_000, `${looked} readings`);
});

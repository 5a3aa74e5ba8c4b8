import assert from "node:assert/strict";
import { test } from "node:test";
import { contentionsOn } from "#core/plan/contention.ts";
import { at } from "#core/testing.ts";

const now = at("2026-03-25T00:00Z");
const hour = (number: number): Temporal.Instant => now.add({ hours: number });
const use = (booking: string, from: number, to: number, service = "cart") => ({
  resource: "db-cluster-1",
  booking,
  service,
  from: hour(from),
  to: hour(to),
});
const reservation = {
  id: "rsv_1",
  place: "resource:db-cluster-1",
  team: "ledger",
  by: "lea",
  reason: "Migration.",
  from: hour(1),
  to: hour(3),
  seats: [1],
  notBefore: null,
};
const shared = {
  capacity: 1,
  reservations: [],
  teamOf: (service: string) => (service === "ledger-core" ? "ledger" : "shop"),
};

test("of two bookings that overlap the second is in contention with the first, with dated options", () => {
  const [found, ...more] = contentionsOn({ ...shared, uses: [use("b", 12, 16), use("a", 10, 14)] }, now);
  assert.deepEqual(more, []);
  assert.deepEqual([found?.use.booking, found?.with], ["b", ["a"]]);
  assert.deepEqual(
    found?.options.map(({ kind, spans }) => [kind, ...spans.map(({ from }) => now.until(from).total("hours"))]),
    [
      ["later", 14],
      ["earlier", 6],
      ["shorter", 14],
      ["split", 14, 16],
    ],
  );
});

test("who has found no place is in nobody's way", () => {
  const found = contentionsOn({ ...shared, uses: [use("a", 10, 14), use("b", 12, 16), use("c", 14, 15)] }, now);
  assert.deepEqual(
    found.map((one) => one.use.booking),
    ["b"],
  );
});

test("a reservation counts against other teams alone, and the capacity as it is", () => {
  const uses = [use("a", 1, 2), use("b", 2, 3, "ledger-core")];
  const bookings = (capacity: number): readonly string[] =>
    contentionsOn({ ...shared, capacity, reservations: [reservation], uses }, now).map((one) => one.use.booking);
  assert.deepEqual(bookings(1), ["a"]);
  assert.deepEqual(bookings(2), []);
});

test("what is over is no contention", () => {
  assert.deepEqual(contentionsOn({ ...shared, uses: [use("a", -4, 0), use("b", -3, 0)] }, now), []);
});

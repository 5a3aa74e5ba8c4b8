import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { freeSeats, nextFree, optionsFor, overlaps, pulledForward, type Reservation } from "#core/plan/reservation.ts";
import { at } from "#core/testing.ts";

const now = at("2026-03-09T08:00Z");
const day = (number: number): Temporal.Instant => at(`2026-03-${String(number).padStart(2, "0")}T00:00Z`);
const days = (from: number, to: number) => ({ from: day(from), to: day(to) });

function held(from: number, to: number, overrides: Partial<Reservation> = {}): Reservation {
  return {
    id: `rsv_${from}_${to}`,
    place: "environment:uat",
    team: "shop",
    by: "ann",
    reason: "Acceptance.",
    ...days(from, to),
    seats: [1],
    notBefore: null,
    ...overrides,
  };
}

const said = (spans: readonly { from: Temporal.Instant; to: Temporal.Instant }[]): readonly string[] =>
  spans.map(({ from, to }) => `${from.toString().slice(8, 10)}-${to.toString().slice(8, 10)}`);

test("an environment that is taken has ways out with dates", () => {
  const wish = { span: days(12, 16), seats: 1 };
  assert.equal(freeSeats([held(10, 14)], 1, wish), null);
  assert.deepEqual(
    optionsFor([held(10, 14)], 1, wish, day(1)).map(({ kind, spans }) => [kind, said(spans)]),
    [
      ["later", ["14-18"]],
      ["earlier", ["06-10"]],
      ["shorter", ["14-16"]],
      ["split", ["14-16", "16-18"]],
    ],
  );
});

test("nothing is offered before now, and nothing shorter where the whole span is taken", () => {
  const options = optionsFor([held(10, 20)], 1, { span: days(12, 16), seats: 1 }, now);
  assert.deepEqual(
    options.map(({ kind, spans }) => [kind, said(spans)]),
    [["later", ["20-24"]]],
  );
});

test("two teams get places of their own of what has two, and a third one none", () => {
  const first = held(10, 14, { seats: [1] });
  assert.deepEqual(freeSeats([first], 2, { span: days(12, 16), seats: 1 }), [2]);
  const second = held(12, 16, { seats: [2] });
  assert.equal(freeSeats([first, second], 2, { span: days(13, 15), seats: 1 }), null);
  assert.equal(freeSeats([first], 2, { span: days(12, 16), seats: 2 }), null, "all of it");
  assert.deepEqual(freeSeats([first], 2, { span: days(14, 16), seats: 2 }), [1, 2], "spans are half-open");
});

test("whoever lets go early lets those behind move forward in the order in which they asked", () => {
  const second = held(14, 16, { id: "rsv_b", notBefore: day(10) });
  const third = held(16, 19, { id: "rsv_c", notBefore: day(12) });
  const fixed = held(20, 21, { id: "rsv_d" });
  const found = pulledForward([second, third, fixed], 1, now);
  assert.deepEqual(
    found.map(({ reservation, span }) => [reservation.id, ...said([span])]),
    [
      ["rsv_b", "10-12"],
      ["rsv_c", "12-15"],
    ],
  );
  assert.deepEqual(pulledForward([second], 1, day(15)), [], "what has begun stays");
});

const reservations = fc.array(
  fc.record({ from: fc.integer({ min: 1, max: 20 }), length: fc.integer({ min: 1, max: 6 }) }),
  { maxLength: 12 },
);

test("however reservations are made and let go of, no two have one place at one time", () => {
  fc.assert(
    fc.property(reservations, fc.integer({ min: 1, max: 3 }), fc.nat(), (wishes, capacity, gone) => {
      let open: Reservation[] = [];
      for (const [number, { from, length }] of wishes.entries()) {
        const span = { from: day(from), to: day(from).add({ hours: 24 * length }) };
        const wish = { span, seats: 1 };
        const found = nextFree(open, capacity, wish, span.from);
        const seats = freeSeats(open, capacity, { span: found, seats: 1 }) ?? assert.fail("it is free");
        open.push(held(1, 2, { ...found, id: `rsv_${number}`, seats, notBefore: span.from }));
      }
      assertApart(open);
      open = open.filter((_, place) => place !== gone % Math.max(1, open.length));
      const moved = new Map(pulledForward(open, capacity, day(1)).map((one) => [one.reservation.id, one]));
      const after = open.map((one) => {
        const { span, seats } = moved.get(one.id) ?? { span: one, seats: one.seats };
        assert.ok(Temporal.Instant.compare(span.from, one.from) <= 0, "only forward");
        return { ...one, from: span.from, to: span.to, seats };
      });
      assertApart(after);
    }),
  );
});

function assertApart(all: readonly Reservation[]): void {
  for (const [place, one] of all.entries()) {
    for (const other of all.slice(place + 1)) {
      const shared = one.seats.some((seat) => other.seats.includes(seat));
      assert.ok(!shared || !overlaps(one, other), `${one.id} and ${other.id}`);
    }
  }
}

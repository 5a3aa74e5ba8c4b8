import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Facts } from "#core/policy/facts.ts";
import { capacityLeft } from "#core/policy/rules/capacity-left.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { aSubject, at, someFacts } from "#core/testing.ts";
import { aPolicy, hours } from "#core/testing-demands.ts";

function bound(max: number) {
  return [aPolicy({ capacity: [{ resource: "db-cluster-1", max }] })];
}

function use(booking: string, from: string, to: string, resource = "db-cluster-1") {
  return { resource, booking, service: "stock", from: at(from), to: at(to) };
}

const anHour = [{ service: "cart", environment: "prod-emea", p95: hours(1), rollbackP95: hours(1) }];
const noon = use("bkg_1", "2026-03-25T12:00Z", "2026-03-25T14:00Z");

function judged(overrides: Partial<Facts>, now: string): string {
  const { outcome, code } = valueAt(
    capacityLeft.judge(someFacts({ policies: bound(1), usage: [noon], durations: anHour, ...overrides })),
    at(now),
  );
  return `${outcome} ${code}`;
}

for (const [now, expected] of [
  ["2026-03-25T11:00Z", "pass place-free"],
  ["2026-03-25T11:00:00.001Z", "wait no-place-free"],
  ["2026-03-25T13:59:59Z", "wait no-place-free"],
  ["2026-03-25T14:00Z", "pass place-free"],
] as const) {
  test(`a run of an hour from ${now} beside work from 12:00 to 14:00 is a ${expected.split(" ")[0]}`, () =>
    assert.equal(judged({}, now), expected));
}

for (const [title, overrides, expected] of [
  ["is silent when nothing is bounded", { policies: [] }, "not-applicable no-capacity-bound"],
  ["does not count its own booking", { subject: aSubject({ onBehalfOf: "bkg_1" }) }, "pass place-free"],
  ["does not count what others use", { usage: [{ ...noon, resource: "db-cluster-2" }] }, "pass place-free"],
  ["passes with a second place", { policies: bound(2) }, "pass place-free"],
  ["denies where there is no place at all", { policies: bound(0), usage: [] }, "deny no-place-free"],
  ["cannot judge an unknown service", { service: null }, "unknown scope-unknown"],
] as const) {
  test(`capacity-left ${title}`, () => assert.equal(judged(overrides, "2026-03-25T12:30Z"), expected));
}

test("uses that follow each other take one place and not two", () => {
  const usage = [
    use("bkg_1", "2026-03-25T12:00Z", "2026-03-25T12:30Z"),
    use("bkg_2", "2026-03-25T12:30Z", "2026-03-25T13:00Z"),
  ];
  assert.equal(judged({ policies: bound(2), usage }, "2026-03-25T12:00Z"), "pass place-free");
  const side = [...usage, use("bkg_3", "2026-03-25T12:45Z", "2026-03-25T13:00Z")];
  assert.equal(judged({ policies: bound(2), usage: side }, "2026-03-25T12:00Z"), "wait no-place-free");
});

test("the sentence names the holders and the first instant at which a place is free", () => {
  const facts = someFacts({
    policies: bound(1),
    usage: [noon, use("bkg_2", "2026-03-25T14:30Z", "2026-03-25T15:00Z")],
    durations: anHour,
  });
  const judgement = valueAt(capacityLeft.judge(facts), at("2026-03-25T13:00Z"));
  assert.equal(
    judgement.sentence,
    "db-cluster-1 has one place, taken by bkg_1 (stock, Wed 25 Mar 2026 13:00 Europe/Berlin (2026-03-25T12:00Z) to " +
      "Wed 25 Mar 2026 15:00 Europe/Berlin (2026-03-25T14:00Z)); a place is free on " +
      "Wed 25 Mar 2026 16:00 Europe/Berlin (2026-03-25T15:00Z).",
  );
  assert.deepEqual("remedies" in judgement && judgement.remedies.map(({ what }) => what), [
    "Wait until Wed 25 Mar 2026 16:00 Europe/Berlin (2026-03-25T15:00Z).",
    "Move bkg_1 away from db-cluster-1.",
  ]);
});

const micros = fc.integer({ min: 0, max: 20_000 });
const someUses = fc.array(
  fc.tuple(micros, fc.integer({ min: 1, max: 9_000 })).map(([from, length]) => {
    const begins = at("2026-03-25T08:00Z").add({ microseconds: from });
    return {
      resource: "db-cluster-1",
      booking: `bkg_${from}`,
      service: "stock",
      from: begins,
      to: begins.add({ microseconds: length }),
    };
  }),
  { maxLength: 6 },
);

test("how a start stands is what would be said of it, down to parts of a millisecond", () => {
  fc.assert(
    fc.property(
      someUses,
      micros,
      fc.integer({ min: 0, max: 4_000 }),
      fc.integer({ min: 1, max: 2 }),
      (usage, now, run, max) => {
        const p95 = Temporal.Duration.from({ microseconds: run });
        const durations = [{ service: "cart", environment: "prod-emea", p95, rollbackP95: p95 }];
        const moment = at("2026-03-25T08:00Z").add({ microseconds: now });
        const timeline = capacityLeft.judge(someFacts({ policies: bound(max), usage, durations, at: moment }));
        for (const place of timeline.borders.keys()) {
          assert.equal(timeline.stanceOf(place) === 0, timeline.judgementOf(place).outcome === "pass");
        }
      },
    ),
  );
});

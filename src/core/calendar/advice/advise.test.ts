import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { advise, defaultStepMs, maxSlots, scoreSlot, type AdviceQuery } from "#core/calendar/advice/advise.ts";
import { hoursOfWeek, loadOver, quietLoad, quietSpans, type LoadProfile } from "#core/calendar/advice/load-profile.ts";
import { oneSpan, setOfSpans, spansIn, totalMs } from "#core/calendar/span-set.ts";
import { at } from "#core/testing.ts";

const hour = 3_600_000;
const zone = "Europe/Berlin";

/** 100 everywhere, less at the hours of the week that are named. */
function aProfile(quiet: Readonly<Record<number, number>> = {}, service = "checkout-api"): LoadProfile {
  const hours = Array.from({ length: hoursOfWeek }, (_, place) => quiet[place] ?? 100);
  return { service, environment: "prod-emea", hours, batches: [] };
}

function aQuery(overrides: Partial<AdviceQuery> = {}): AdviceQuery {
  const since = at("2026-03-23T00:00Z");
  const until = since.add({ hours: 24 * 7 });
  return {
    open: setOfSpans([{ from: since, to: until }]),
    zone,
    profile: aProfile({ 27: 5, 28: 5 }),
    neighbours: [],
    neededMs: hour,
    rollbackMs: hour / 2,
    risk: "high",
    since,
    until,
    stepMs: defaultStepMs,
    ...overrides,
  };
}

test("the trough of the week comes first", () => {
  const [first, second] = advise(aQuery());
  // Tue 03:00 in Berlin, in winter time.
  assert.equal(first?.from.toString(), "2026-03-24T02:00:00Z");
  assert.equal(second?.from.toString(), "2026-03-24T03:00:00Z");
  assert.deepEqual(
    first?.reasons.map(({ code }) => code),
    ["load", "no-neighbours", "room-to-go-back"],
  );
});

test("a batch of a neighbour moves the advice behind its end", () => {
  const rule = {
    zone: "target",
    start: Temporal.PlainDateTime.from("2024-01-01T22:00"),
    rrule: "FREQ=DAILY",
    end: { kind: "wall", minuteOfDay: 4 * 60 },
    exdates: [],
  } as const;
  const ledger = { ...aProfile({}, "ledger-core"), batches: [{ name: "close", rule }] };
  const [first] = advise(aQuery({ neighbours: [ledger] }));
  assert.equal(first?.from.toString(), "2026-03-24T03:00:00Z");
  const during = scoreSlot(aQuery({ neighbours: [ledger] }), at("2026-03-24T02:30Z"));
  assert.match(during?.reasons[1]?.sentence ?? "", /batch of ledger-core runs for 50 %/);
});

test("a batch that cannot be read counts as running all the time", () => {
  const rule = {
    zone: "Nowhere/Land",
    start: Temporal.PlainDateTime.from("2024-01-01T22:00"),
    rrule: null,
    end: { kind: "wall", minuteOfDay: 0 },
    exdates: [],
  } as const;
  const neighbour = { ...aProfile({}, "ledger-core"), batches: [{ name: "close", rule }] };
  const [first] = advise(aQuery({ neighbours: [neighbour] }));
  assert.equal(first?.reasons[1]?.weight, 0);
});

test("without openings, or without room for the run, there is no advice", () => {
  assert.deepEqual(advise(aQuery({ open: { borders: [] } })), []);
  const ms = at("2026-03-24T02:00Z").epochMilliseconds;
  assert.deepEqual(advise(aQuery({ open: oneSpan(ms, ms + hour - 1) })), []);
  assert.equal(advise(aQuery({ open: oneSpan(ms, ms + hour) })).length, 1);
});

const profiles = fc
  .array(fc.nat(1000), { minLength: hoursOfWeek, maxLength: hoursOfWeek })
  .map((hours): LoadProfile => ({ ...aProfile(), hours }));
const openings = fc
  .array(fc.tuple(fc.nat(6 * 24 * 60), fc.integer({ min: 1, max: 600 })), { maxLength: 6 })
  .map((pairs) =>
    setOfSpans(
      pairs.map(([from, length]) => {
        const start = at("2026-03-23T00:00Z").add({ minutes: from });
        return { from: start, to: start.add({ minutes: length }) };
      }),
    ),
  );

test("every slot lies inside an opening, none overlap, and a score is the sum of its reasons", () => {
  fc.assert(
    fc.property(profiles, openings, fc.constantFrom("low", "high"), (profile, open, risk) => {
      const query = aQuery({ profile, open, risk });
      const slots = advise(query);
      assert.ok(slots.length <= maxSlots);
      const spans = spansIn(open);
      for (const slot of slots) {
        assert.ok(
          spans.some(
            (span) =>
              span.from.epochMilliseconds <= slot.from.epochMilliseconds &&
              slot.to.epochMilliseconds <= span.to.epochMilliseconds,
          ),
        );
        assert.equal(
          slot.score,
          slot.reasons.reduce((sum, { weight }) => sum + weight, 0),
        );
        assert.ok(slot.score >= 0 && slot.score <= 100);
        assert.deepEqual(scoreSlot(query, slot.from), slot);
      }
      assert.equal(totalMs(setOfSpans(slots)), slots.length * hour);
      assert.deepEqual(advise(query), slots);
    }),
  );
});

test("the best slot is no worse than any other start in steps", () => {
  fc.assert(
    fc.property(profiles, openings, (profile, open) => {
      const query = aQuery({ profile, open });
      const best = advise(query)[0]?.score ?? null;
      for (let ms = query.since.epochMilliseconds; ms < query.until.epochMilliseconds; ms += 4 * defaultStepMs) {
        const slot = scoreSlot(query, Temporal.Instant.fromEpochMilliseconds(ms));
        if (slot !== null) assert.ok(best !== null && best >= slot.score);
      }
    }),
    { numRuns: 30 },
  );
});

test("hours of the week are local: a skipped hour is missing and a repeated one comes twice", () => {
  const profile = { ...aProfile(), hours: Array.from({ length: hoursOfWeek }, (_, place) => place) };
  const onDay = (from: string, to: string): readonly number[] =>
    (loadOver(profile, zone, { from: at(from), to: at(to) }) ?? []).map(({ load }) => load);
  // Sun 29 Mar 2026: from 02:00 to 03:00 in one leap. Hour 144 is Sunday 00:00.
  assert.deepEqual(onDay("2026-03-28T23:00Z", "2026-03-29T02:00Z"), [144, 145, 147]);
  assert.deepEqual(onDay("2026-10-24T22:00Z", "2026-10-25T02:00Z"), [144, 145, 146, 146]);
  assert.deepEqual(onDay("2026-03-28T23:30Z", "2026-03-29T00:30Z"), [144, 145]);
});

test("quiet is the quietest quarter, more where loads are equal, and never more than half of the week", () => {
  fc.assert(
    fc.property(profiles, fc.integer({ min: 1, max: 1000 }), (profile, levels) => {
      const coarse = { ...profile, hours: profile.hours.map((load) => load % levels) };
      const most = quietLoad(coarse) ?? Number.NaN;
      const quiet = coarse.hours.filter((load) => load <= most).length;
      const below = coarse.hours.filter((load) => load < most).length;
      assert.ok(quiet <= hoursOfWeek / 2 && below < hoursOfWeek / 4);
      if (new Set(coarse.hours).size === hoursOfWeek) assert.equal(quiet, hoursOfWeek / 4);
    }),
  );
});

test("in a flat week with one trough only the trough is quiet, and in a flat week nothing is", () => {
  assert.equal(quietLoad(aProfile({ 27: 5, 28: 5 })), 5);
  assert.equal(quietLoad(aProfile()), -1);
});

test("what is no profile of a week gives no quiet hours instead of wrong ones", () => {
  const span = { from: at("2026-03-23T00:00Z"), to: at("2026-03-24T00:00Z") };
  assert.equal(quietSpans({ ...aProfile(), hours: [1, 2, 3] }, zone, span), null);
  assert.equal(quietSpans({ ...aProfile(), hours: aProfile().hours.with(3, -1) }, zone, span), null);
  assert.equal(quietSpans(aProfile(), "Nowhere/Land", span), null);
});

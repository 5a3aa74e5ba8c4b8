import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { coverFor } from "#core/calendar/cover/cover-for.ts";
import { impactOf } from "#core/calendar/cover/impact.ts";
import { coveredTime, rosterOf } from "#core/calendar/cover/on-duty.ts";
import { defaultStabilisation, type Shift, type Swap, type TeamCover } from "#core/calendar/cover/rota.ts";
import { dutiesInSchedule } from "#core/calendar/cover/schedule.ts";
import { teamCovers } from "#core/calendar/cover/team-cover.ts";
import { spansIn } from "#core/calendar/span-set.ts";
import { aPerson, aService, at, peopleOf } from "#core/testing.ts";

function aShift(overrides: Partial<Shift> = {}): Shift {
  return {
    name: "day",
    rule: {
      zone: "Europe/Berlin",
      start: Temporal.PlainDateTime.from("2026-01-05T06:00"),
      rrule: "FREQ=DAILY",
      end: { kind: "wall", minuteOfDay: 3 * 60 },
      exdates: [],
    },
    persons: ["ann", "bob"],
    handoverDays: 7,
    ...overrides,
  };
}

function aCover(overrides: Partial<TeamCover> = {}): TeamCover {
  return {
    team: "checkout",
    stabilisation: defaultStabilisation,
    shifts: [aShift()],
    swaps: [],
    duties: [],
    knownUntil: null,
    ...overrides,
  };
}

function aSwap(overrides: Partial<Swap> = {}): Swap {
  const [from, to] = [at("2026-03-28T02:00Z"), at("2026-03-28T05:00Z")];
  return { id: null, person: "bob", replaces: null, from, to, ...overrides };
}

const impact = [{ service: "checkout-api", team: "checkout", tier: 1 }];
const people = peopleOf(
  aPerson("ann", { teams: ["checkout"] }),
  aPerson("bob", { teams: ["checkout"] }),
  aPerson("cem"),
);
/** Sat 01:00 in Berlin, one hour and two of stabilisation. */
const span = { from: at("2026-03-28T00:00Z"), to: at("2026-03-28T03:00Z") };

test("the gap is named to the minute, with those who could step in", () => {
  const { gaps, unknown } = coverFor({ impact, span, rotas: [aCover()], people });
  assert.deepEqual(unknown, []);
  // Nobody from 03:00 to 06:00 local; the need ends at 04:00.
  assert.deepEqual(
    gaps.map(({ from, to, candidates }) => [from.toString(), to.toString(), candidates.map(({ person }) => person)]),
    [["2026-03-28T02:00:00Z", "2026-03-28T03:00:00Z", ["ann", "bob"]]],
  );
});

test("a swap closes the gap, and who is away is no candidate", () => {
  assert.deepEqual(coverFor({ impact, span, rotas: [aCover({ swaps: [aSwap()] })], people }).gaps, []);
  const away = aSwap({ person: null, replaces: "ann", from: span.from, to: span.to });
  const [gap] = coverFor({ impact, span, rotas: [aCover({ swaps: [away] })], people }).gaps;
  assert.deepEqual(
    gap?.candidates.map(({ person }) => person),
    ["bob"],
  );
});

test("who takes another's place is there and the other is not", () => {
  const [from, to] = [at("2026-03-27T06:00Z"), at("2026-03-27T10:00Z")];
  const swap = aSwap({ person: "cem", replaces: "bob", from, to });
  const roster = rosterOf(aCover({ swaps: [swap] }), { from, to });
  assert.ok(roster.ok);
  const who = [...roster.value]
    .filter(([, set]) => spansIn(set).some((duty) => duty.from.equals(from)))
    .map(([person]) => person);
  assert.deepEqual(who, ["cem"]);
});

test("turns go by the date of the shift: a week each, whatever days are left out", () => {
  const roster = (from: string): readonly string[] => {
    const found = rosterOf(aCover(), { from: at(from), to: at(from).add({ hours: 1 }) });
    assert.ok(found.ok);
    return [...found.value.keys()];
  };
  assert.deepEqual(roster("2026-01-05T12:00Z"), ["ann"]);
  assert.deepEqual(roster("2026-01-11T12:00Z"), ["ann"]);
  assert.deepEqual(roster("2026-01-12T12:00Z"), ["bob"]);
  assert.deepEqual(roster("2026-01-19T12:00Z"), ["ann"]);
});

test("a team without a rota, a rota that cannot be read and an import that has ended are unknown, not gaps", () => {
  const unreadable = aShift({ rule: { ...aShift().rule, zone: "Nowhere/Land" } });
  const ended = { shifts: [], duties: [{ person: "ann", ...span }], knownUntil: at("2026-03-28T01:00Z") };
  for (const rotas of [[], [aCover({ shifts: [unreadable] })], [aCover(ended)]]) {
    const { gaps, unknown } = coverFor({ impact, span, rotas, people });
    assert.deepEqual(gaps, []);
    assert.equal(unknown.length, 1);
  }
});

test("covered time and gaps make up the span, whatever the swaps", () => {
  const minutes = fc.nat(24 * 60);
  const swaps = fc.array(
    fc.record({
      person: fc.option(fc.constantFrom("ann", "cem")),
      replaces: fc.option(fc.constantFrom("ann", "bob")),
      from: minutes,
      length: fc.integer({ min: 1, max: 600 }),
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(swaps, (rows) => {
      const day = { from: at("2026-03-28T00:00Z"), to: at("2026-03-29T00:00Z") };
      const made = rows.map(({ from, length, ...who }) =>
        aSwap({ ...who, from: day.from.add({ minutes: from }), to: day.from.add({ minutes: from + length }) }),
      );
      const cover = aCover({ swaps: made });
      const roster = rosterOf(cover, day);
      assert.ok(roster.ok);
      const { gaps } = coverFor({ impact, span: day, rotas: [cover], people });
      const covered = coveredTime(roster.value);
      for (let hour = 0; hour < 24; hour++) {
        const moment = day.from.add({ hours: hour, minutes: 30 });
        const isCovered = spansIn(covered).some((duty) => contains(duty, moment));
        assert.equal(isCovered, !gaps.some((gap) => contains(gap, moment)), moment.toString());
      }
    }),
  );
});

function contains({ from, to }: { from: Temporal.Instant; to: Temporal.Instant }, moment: Temporal.Instant): boolean {
  return Temporal.Instant.compare(from, moment) <= 0 && Temporal.Instant.compare(moment, to) < 0;
}

test("the impact set is the service and who calls it or takes its data, not who sends it messages", () => {
  const edge = (kind: "sync" | "message" | "data") => [{ on: "pricing", kind, versions: null }];
  const services = [
    aService({ name: "pricing", team: "catalog" }),
    aService({ name: "web", dependsOn: edge("sync") }),
    aService({ name: "report", dependsOn: edge("data") }),
    aService({ name: "mail", dependsOn: edge("message") }),
  ];
  const found = impactOf(new Map(services.map((service) => [service.name, service])), "pricing");
  assert.deepEqual(
    found.map(({ service }) => service),
    ["pricing", "report", "web"],
  );
});

test("a team that nobody declared or imported a rota for has no cover once others have one", () => {
  const sources = { declared: [], imported: [], swaps: [] };
  assert.equal(teamCovers(impact, sources), "none");
  assert.deepEqual(teamCovers(impact, { ...sources, isAnyImported: true }), []);
});

test("a rendered schedule gives duties, translated where a name is given", () => {
  const entry = { start: "2026-03-28T03:00:00+01:00", end: "2026-03-28T06:00:00+01:00" };
  const users = [{ id: "P1", summary: "Ann Example" }, { email: "bob@example.org" }];
  const read = dutiesInSchedule(
    users.map((user) => ({ ...entry, user })),
    { P1: "ann", "bob@example.org": "bob" },
  );
  assert.ok(read.ok);
  assert.deepEqual(
    read.value.map(({ person, from }) => `${person} ${from.toString()}`),
    ["ann 2026-03-28T02:00:00Z", "bob 2026-03-28T02:00:00Z"],
  );
  assert.equal(dutiesInSchedule([{ ...entry, user: {} }], {}).ok, false);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { clockChangesIn } from "#core/calendar/clock-changes.ts";
import { clockChangeToJson, timetableToJson } from "#core/calendar/present-timetable.ts";
import { changesOf, minutesOf, type Changing } from "#core/calendar/timetable-change.ts";
import { mayConcern, narrowerRules, nextOpenings, viewTimetable } from "#core/calendar/timetable-view.ts";
import { aFreeze, aLocalRule, anEnvironment, aService, at, aWindow } from "#core/testing.ts";

const environment = anEnvironment();
const span = (from: string, to: string) => ({ from: at(from), to: at(to) });

for (const [zone, since, until, sentences] of [
  [
    "Europe/Berlin",
    "2026-10-01T00:00Z",
    "2026-11-01T00:00Z",
    ["Clocks in Europe/Berlin go back from 03:00 to 02:00 on 2026-10-25: the day has 25 hours."],
  ],
  [
    "America/New_York",
    "2026-03-01T00:00Z",
    "2026-04-01T00:00Z",
    ["Clocks in America/New_York go forward from 02:00 to 03:00 on 2026-03-08: the day has 23 hours."],
  ],
  [
    "Australia/Lord_Howe",
    "2026-04-01T00:00Z",
    "2026-04-10T00:00Z",
    ["Clocks in Australia/Lord_Howe go back from 02:00 to 01:30 on 2026-04-05: the day has 24.5 hours."],
  ],
  ["Asia/Tokyo", "2026-01-01T00:00Z", "2027-01-01T00:00Z", []],
] as const) {
  test(`the clock changes of ${zone} are said with the length of their day`, () => {
    const found = clockChangesIn(zone, span(since, until)).map((change) => clockChangeToJson(change, zone).sentence);
    assert.deepEqual(found, sentences);
  });
}

test("a scope concerns a lane when it binds some of its services, and a service when it binds that one", () => {
  const cart = aService({ name: "cart", tags: [] });
  const lane = { environment, service: null, unit: null };
  assert.equal(mayConcern({ tags: ["financial"] }, lane), true);
  assert.equal(mayConcern({ tags: ["financial"] }, { ...lane, service: cart }), false);
  assert.equal(mayConcern({ services: ["cart"] }, { ...lane, service: cart }), true);
  assert.equal(mayConcern({ environments: ["elsewhere"] }, lane), false);
  assert.equal(mayConcern({ units: ["another"] }, { ...lane, unit: "finance" }), false);
});

test("a clock change at the first instant of the range belongs to it, one at the end does not", () => {
  const change = "2026-03-29T01:00:00Z";
  assert.equal(clockChangesIn("Europe/Berlin", span(change, "2026-03-30T00:00Z")).length, 1);
  assert.equal(clockChangesIn("Europe/Berlin", span("2026-03-28T00:00Z", change)).length, 0);
});

test("the next openings count from now, and one in progress comes first with its true start", () => {
  const owner = { environment, service: aService(), unit: null };
  const next = nextOpenings({ windows: [aWindow()], freezes: [] }, owner, at("2026-03-28T02:00Z"));
  assert.deepEqual(
    next.map(({ from }) => from?.toString()),
    [
      "2026-03-28T00:00:00Z",
      "2026-04-03T23:00:00Z",
      "2026-04-10T23:00:00Z",
      "2026-04-17T23:00:00Z",
      "2026-04-24T23:00:00Z",
    ],
  );
});

test("time that nothing restricts has no borders within sight", () => {
  const owner = { environment, service: aService(), unit: null };
  const next = nextOpenings({ windows: [], freezes: [] }, owner, at("2026-03-28T02:00Z"));
  assert.deepEqual(next, [{ from: null, to: null }]);
});

test("without a service, rules that bind some services are listed beside the open time and do not change it", () => {
  const calendar = {
    windows: [aWindow(), aWindow({ name: "of-cart", scope: { services: ["cart"] } })],
    freezes: [aFreeze("2026-03-28T02:00", "2026-03-28T03:00", { scope: { tags: ["financial"] } })],
  };
  const between = span("2026-03-23T00:00Z", "2026-03-30T00:00Z");
  const everybody = { environment, service: null, unit: null };
  const view = timetableToJson(viewTimetable(calendar, everybody, between, between.from));
  assert.deepEqual(view.open, [{ from: "2026-03-28T00:00:00Z", to: "2026-03-28T04:00:00Z" }]);
  assert.deepEqual(
    view.narrower.map(({ kind, name }) => `${kind} ${name}`),
    ["window of-cart", "freeze quarter-end"],
  );
  assert.deepEqual(narrowerRules(calendar, { ...everybody, service: aService() }, between), []);
});

test("of a unit, rules of another unit are not narrower ones", () => {
  const windows = ["retail", "finance"].map((unit) => aWindow({ name: unit, scope: { units: [unit] } }));
  const between = span("2026-03-23T00:00Z", "2026-03-30T00:00Z");
  const view = viewTimetable(
    { windows, freezes: [] },
    { environment, service: null, unit: "retail" },
    between,
    at("2026-03-25T00:00Z"),
  );
  assert.deepEqual(
    view.table.windows.map(({ rule }) => rule.name),
    ["retail"],
  );
  assert.deepEqual(view.narrower, []);
});

function organisationWith(part: Partial<Changing>): Changing {
  const services = [aService(), aService({ name: "ledger", tags: ["financial"] })];
  return {
    services: new Map(services.map((service) => [service.name, service])),
    environments: new Map([[environment.name, environment]]),
    windows: [],
    freezes: [],
    ...part,
  };
}

test("a change is said for those services alone whose open time it touches, the same change once", () => {
  const windows = [aWindow()];
  const freeze = aFreeze("2026-03-28T02:00", "2026-03-28T03:00", { scope: { tags: ["financial"] } });
  const between = span("2026-03-23T00:00Z", "2026-03-30T00:00Z");
  const { groups, compared } = changesOf(organisationWith({ windows }), { windows, freezes: [freeze] }, between);
  assert.deepEqual(
    groups.map(({ services, opens, closes }) => [services, minutesOf(opens), minutesOf(closes)]),
    [[["ledger"], 0, 60]],
  );
  assert.equal(compared, 1);
});

test("a window that comes where nothing restricted closes the rest of the time", () => {
  const between = span("2026-03-23T00:00Z", "2026-03-30T00:00Z");
  const window = aWindow({ rule: aLocalRule({}) });
  const { groups } = changesOf(organisationWith({}), { windows: [window], freezes: [] }, between);
  assert.deepEqual(
    groups.map(({ services, opens, closes }) => [services, minutesOf(opens), minutesOf(closes)]),
    [[["cart", "ledger"], 0, (7 * 24 - 4) * 60]],
  );
});

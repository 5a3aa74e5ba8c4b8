import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApprovalRoute } from "#core/approval/route.ts";
import type { TeamCover } from "#core/calendar/cover/rota.ts";
import { lintCatalog, type CatalogLint, type CatalogLintQuery } from "#core/calendar/lint-catalog.ts";
import { usualRunsFrom } from "#core/calendar/lint-usual-run.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Scope } from "#core/catalog/scope.ts";
import type { WorkingHours } from "#core/catalog/working-hours.ts";
import { anEnvironment, aPerson, aRoute, aService, at, peopleOf } from "#core/testing.ts";

const between = { from: at("2026-01-01T00:00Z"), to: at("2027-01-01T00:00Z") };
const workdays = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR";
const hour = Temporal.Duration.from("PT1H");

function aRule(zone: string, from: string, minuteOfDay: number, rrule: string): LocalRule {
  const start = Temporal.PlainDateTime.from(`2024-01-01T${from}`);
  return { zone, start, rrule, end: { kind: "wall", minuteOfDay }, exdates: [] };
}

function aWindow(rule: LocalRule, scope: Scope = {}): Window {
  return { name: "nightly", scope, rule, onClose: "finish" };
}

/** From 02:00 to 04:00 on the clock of the environment, every night. */
const night = aWindow(aRule("target", "02:00", 240, "FREQ=DAILY"));

function officeHours(person: string, zone: string): WorkingHours {
  return { person, zone, rules: [aRule(zone, "09:00", 1020, workdays)] };
}

interface Case {
  readonly window?: Window;
  readonly routes?: readonly ApprovalRoute[];
  readonly hours?: readonly WorkingHours[];
  readonly covers?: readonly TeamCover[];
  readonly decisionTime?: Temporal.Duration;
}

function lint(given: Case, overrides: Partial<CatalogLintQuery> = {}): CatalogLint {
  const hours = given.hours ?? [officeHours("ann", "Europe/Berlin"), officeHours("bob", "Europe/Berlin")];
  return lintCatalog({
    windows: [given.window ?? night],
    freezes: [],
    environments: [anEnvironment({ name: "prod-emea", zone: "Europe/Berlin" })],
    services: [aService({ name: "cart" }), aService({ name: "ledger" })],
    between,
    shortestUseful: hour,
    leastMonthlyHours: 0,
    usualRunOf: usualRunsFrom([]),
    approving: {
      routes: given.routes ?? [aRoute({ name: "prod", approvals: 1, roles: ["approver"], teams: [] })],
      people: peopleOf(aPerson("ann"), aPerson("bob"), aPerson("dev", { roles: ["developer"] })),
      workingHours: new Map(hours.map((one) => [one.person, one])),
      covers: given.covers ?? [],
      decisionTime: given.decisionTime ?? hour,
    },
    ...overrides,
  });
}

function nightShift(person: string): TeamCover {
  const shift = { name: "night", rule: aRule("Europe/Berlin", "22:00", 360, "FREQ=WEEKLY;BYDAY=SA") };
  return {
    team: "ops",
    stabilisation: hour,
    shifts: [{ ...shift, persons: [person], handoverDays: 7 }],
    swaps: [],
    duties: [],
    knownUntil: null,
  };
}

function codes({ hints }: CatalogLint): readonly string[] {
  return hints.map(({ code }) => code);
}

test("a window at night whose approvers work by day is named, with them, their zones and the nearest waking hour", () => {
  const { hints, checked } = lint({});
  assert.deepEqual(
    hints.map(({ code, kind, name, message }) => ({ code, kind, name, message })),
    [
      {
        code: "approvers-never-awake",
        kind: "window",
        name: "nightly",
        message:
          "window nightly opens 365 times, first at 2026-01-01T02:00+01:00[Europe/Berlin], and nobody who may approve " +
          "by the route prod is awake then or within PT1H before it in prod-emea: ann (Europe/Berlin), " +
          "bob (Europe/Berlin). The nearest is ann, awake from 2026-01-01T09:00+01:00[Europe/Berlin]. " +
          "Move the window, name an approver in another zone, or give one of them a shift.",
      },
    ],
  );
  assert.equal(checked.windowsWithUnknownApprovers, 0);
});

const never = ["approvers-never-awake"];
const cases: readonly (readonly [string, Case, readonly string[]])[] = [
  [
    "an approver in Sydney is awake then",
    { hours: [officeHours("ann", "Europe/Berlin"), officeHours("bob", "Australia/Sydney")] },
    [],
  ],
  ["a shift in one night of the week is enough", { covers: [nightShift("bob")] }, []],
  ["the shift of somebody who may not approve helps nobody", { covers: [nightShift("dev")] }, never],
  ["the decision time reaches back into the working day", { decisionTime: Temporal.Duration.from("PT10H") }, []],
  [
    "an approval that would be too old at the opening does not",
    {
      decisionTime: Temporal.Duration.from("PT10H"),
      routes: [aRoute({ approvals: 1, roles: ["approver"], validFor: Temporal.Duration.from("PT2H") })],
    },
    never,
  ],
  ["no approval is asked for", { routes: [aRoute({ approvals: 0 })] }, []],
  ["no route matches", { routes: [aRoute({ approvals: 1, scope: { environments: ["other"] } })] }, []],
  [
    "the route of higher priority counts",
    {
      routes: [
        aRoute({ name: "a", approvals: 1, roles: ["approver"], priority: 1 }),
        aRoute({ name: "b", approvals: 0, priority: 9 }),
      ],
    },
    [],
  ],
  [
    "a window for emergencies is asked with the route of emergencies",
    {
      window: { ...night, scope: { classes: ["emergency"] } },
      routes: [
        aRoute({ name: "a", approvals: 1, roles: ["approver"], priority: 9, scope: { classes: ["emergency"] } }),
        aRoute({ name: "b", approvals: 0 }),
      ],
    },
    never,
  ],
  ["a window by day", { window: aWindow(aRule("target", "10:00", 720, "FREQ=DAILY")) }, []],
  ["a window that ends as the working day begins", { window: aWindow(aRule("target", "04:00", 540, workdays)) }, never],
];
for (const [title, given, expected] of cases) {
  test(`${title}: ${expected.join(", ") || "nothing to say"}`, () => assert.deepEqual(codes(lint(given)), expected));
}

test("of an approver whose hours nobody stated nothing is guessed, and the window is counted", () => {
  const found = lint({ hours: [officeHours("ann", "Europe/Berlin")] });
  assert.deepEqual(codes(found), []);
  assert.equal(found.checked.windowsWithUnknownApprovers, 1);
});

test("openings are measured against the P95 of the run and of the way back of the slowest service", () => {
  const durations = [
    { service: "cart", environment: "prod-emea", p95: hour, rollbackP95: Temporal.Duration.from("PT30M") },
    { service: "ledger", environment: "prod-emea", p95: hour, rollbackP95: Temporal.Duration.from("PT1H30M") },
  ];
  const by = { routes: [] };
  assert.deepEqual(codes(lint(by, { usualRunOf: usualRunsFrom([]) })), []);
  assert.deepEqual(codes(lint(by, { usualRunOf: usualRunsFrom(durations.slice(0, 1)) })), ["too-short"]);
  const found = lint(by, { usualRunOf: usualRunsFrom(durations) });
  assert.match(
    found.hints[0]?.message ?? "",
    /less than PT2H30M, which ledger needs in prod-emea \(P95 of the run PT1H,/,
  );
  assert.equal(found.checked.placesMeasured, 2);
});

test("a place without history is taken to need the assumed run", () => {
  const minutes = Temporal.Duration.from("PT5M");
  const short = { service: "cart", environment: "prod-emea", p95: minutes, rollbackP95: minutes };
  const usualRunOf = usualRunsFrom([short]);
  const query = { usualRunOf, shortestUseful: Temporal.Duration.from("PT3H") };
  const found = lint({ routes: [] }, query);
  assert.match(found.hints[0]?.message ?? "", /opens 364 times for less than PT3H, first at/);
  const only = lint({ routes: [] }, { ...query, services: [aService({ name: "cart" })] });
  assert.deepEqual(codes(only), []);
});

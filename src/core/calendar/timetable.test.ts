import assert from "node:assert/strict";
import { test } from "node:test";
import type { Freeze } from "#core/calendar/freeze.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import { firstFit, isIn, nextOpening, spansIn, totalMs } from "#core/calendar/span-set.ts";
import { bordersOf, freezeSpans, timetableOf, windowSpans, type TimetableQuery } from "#core/calendar/timetable.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Scope, ScopeSubject } from "#core/catalog/scope.ts";
import type { Span } from "#core/span.ts";

const at = (text: string): Temporal.Instant => Temporal.Instant.from(text);
const range = (from: string, to: string): Span => ({ from: at(from), to: at(to) });

function aRule(
  zone: string,
  start: string,
  rrule: string | null,
  end: string,
  exdates: readonly string[] = [],
): LocalRule {
  const clock = /^(\d\d):(\d\d)$/.exec(end);
  const ending = clock
    ? ({ kind: "wall", minuteOfDay: Number(clock[1]) * 60 + Number(clock[2]) } as const)
    : end.startsWith("P")
      ? ({ kind: "elapsed", duration: Temporal.Duration.from(end) } as const)
      : ({ kind: "until", at: Temporal.PlainDateTime.from(end) } as const);
  return {
    zone,
    start: Temporal.PlainDateTime.from(start),
    rrule,
    end: ending,
    exdates: exdates.map((local) => Temporal.PlainDateTime.from(local)),
  };
}

function aWindow(rule: LocalRule, scope: Scope = {}, name = "weekend"): Window {
  return { name, scope, rule, onClose: "finish" };
}

function aFreeze(rule: LocalRule, scope: Scope = {}, name = "quarter-end"): Freeze {
  return {
    name,
    scope,
    rule,
    strength: "hard",
    owner: "finance",
    passesWith: null,
    onBegin: "pause",
    reason: "books are closed",
  };
}

const subject: ScopeSubject = {
  environment: "prod-emea",
  region: "emea",
  service: "checkout-api",
  team: "checkout",
  unit: "retail",
  tier: 1,
  tags: ["financial"],
  dataClasses: [],
  class: "normal",
  action: "deploy",
  invoker: "automation",
};

function aQuery(over: Partial<TimetableQuery>): TimetableQuery {
  return {
    windows: [],
    freezes: [],
    subject,
    environment: { zone: "Europe/Berlin", windows: "optional" },
    between: range("2026-03-25T08:00Z", "2026-04-08T00:00Z"),
    ...over,
  };
}

const texts = (spans: readonly Span[]): string[] => spans.map(({ from, to }) => `${from.toString()}/${to.toString()}`);
const saturdays = aWindow(aRule("target", "2026-01-03T01:00", "FREQ=WEEKLY;BYDAY=SA", "05:00"));

test("Saturday openings in Berlin keep their wall-clock hour over the change to summer time", () => {
  const table = timetableOf(aQuery({ windows: [saturdays] }));
  assert.deepEqual(texts(spansIn(table.open)), [
    "2026-03-28T00:00:00Z/2026-03-28T04:00:00Z",
    "2026-04-03T23:00:00Z/2026-04-04T03:00:00Z",
  ]);
  assert.equal(nextOpening(table.open, at("2026-03-25T08:00Z"))?.from.toString(), "2026-03-28T00:00:00Z");
});

test("openings in Berlin and New York are five hours apart between their clock changes and six after", () => {
  const newYork = timetableOf(
    aQuery({ windows: [saturdays], environment: { zone: "America/New_York", windows: "required" } }),
  );
  assert.deepEqual(
    spansIn(newYork.open).map(({ from }) => from.toString()),
    ["2026-03-28T05:00:00Z", "2026-04-04T05:00:00Z"],
  );
});

test("a run of three and a half hours fits the Sunday window of October and not that of March", () => {
  const sundays = aWindow(aRule("Europe/Berlin", "2026-01-04T01:00", "FREQ=WEEKLY;BYDAY=SU", "05:00"));
  const hoursOf = (from: string, to: string): number =>
    totalMs(timetableOf(aQuery({ windows: [sundays], between: range(from, to) })).open) / 3_600_000;
  assert.equal(hoursOf("2026-03-28T12:00Z", "2026-03-30T00:00Z"), 3);
  assert.equal(hoursOf("2026-10-24T12:00Z", "2026-10-26T00:00Z"), 5);
  const longRun = 3.5 * 3_600_000;
  const march = timetableOf(aQuery({ windows: [sundays], between: range("2026-03-28T12:00Z", "2026-03-30T00:00Z") }));
  const october = timetableOf(aQuery({ windows: [sundays], between: range("2026-10-24T12:00Z", "2026-10-26T00:00Z") }));
  assert.equal(firstFit(march.open, at("2026-03-28T12:00Z"), longRun), null);
  assert.equal(firstFit(october.open, at("2026-10-24T12:00Z"), longRun)?.toString(), "2026-10-24T23:00:00Z");
});

test("two windows are alternatives, a freeze wins over both, and every border names its rules", () => {
  const weekdays = aWindow(
    aRule("Europe/Berlin", "2026-01-05T20:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "24:00"),
    {},
    "evenings",
  );
  const books = aFreeze(aRule("Europe/Berlin", "2026-03-31T18:00", null, "2026-04-02T06:00"), { tags: ["financial"] });
  const table = timetableOf(
    aQuery({
      windows: [saturdays, weekdays],
      freezes: [books],
      between: range("2026-03-30T00:00Z", "2026-04-04T12:00Z"),
    }),
  );
  assert.deepEqual(texts(spansIn(table.open)), [
    "2026-03-30T18:00:00Z/2026-03-30T22:00:00Z",
    "2026-04-02T18:00:00Z/2026-04-02T22:00:00Z",
    "2026-04-03T18:00:00Z/2026-04-03T22:00:00Z",
    "2026-04-03T23:00:00Z/2026-04-04T03:00:00Z",
  ]);
  const first = bordersOf(table)[0];
  assert.equal(first?.turns, "open");
  assert.deepEqual(first?.causes, [{ kind: "window", name: "evenings", edge: "begins" }]);
});

test("a freeze in the middle of a window closes and opens it, and the borders name the freeze", () => {
  const open = aWindow(aRule("UTC", "2026-04-01T00:00", "FREQ=DAILY", "24:00"), {}, "always");
  const freeze = aFreeze(aRule("UTC", "2026-04-02T06:00", null, "PT2H"), {}, "drill");
  const table = timetableOf(
    aQuery({ windows: [open], freezes: [freeze], between: range("2026-04-02T00:00Z", "2026-04-03T00:00Z") }),
  );
  assert.deepEqual(
    bordersOf(table).map(({ turns, causes }) => [turns, ...causes.map(({ name, edge }) => `${name} ${edge}`)]),
    [["open"], ["closed", "drill begins"], ["open", "drill ends"], ["closed"]],
  );
});

test("where no window matches time does not restrict, unless the environment requires windows", () => {
  const elsewhere = aWindow(saturdays.rule, { environments: ["test-*"] });
  const optional = timetableOf(aQuery({ windows: [elsewhere] }));
  assert.equal(optional.restricted, false);
  assert.ok(isIn(optional.open, at("2026-03-25T08:00Z")));
  const required = timetableOf(
    aQuery({ windows: [elsewhere], environment: { zone: "Europe/Berlin", windows: "required" } }),
  );
  assert.equal(required.restricted, true);
  assert.deepEqual(required.open.borders, []);
});

for (const [title, rule, code] of [
  ["an unknown zone", aRule("Europe/Berlinn", "2026-01-03T01:00", null, "05:00"), "unknown-zone"],
  ["an offset for a zone", aRule("+01:00", "2026-01-03T01:00", null, "05:00"), "unknown-zone"],
  ["an unreadable recurrence", aRule("UTC", "2026-01-03T01:00", "FREQ=WEEKLI", "05:00"), "unreadable-recurrence"],
  ["a duration without length", aRule("UTC", "2026-01-03T01:00", null, "PT0S"), "bad-end"],
  ["an end before its start", aRule("UTC", "2026-01-03T01:00", null, "2026-01-02T00:00"), "bad-end"],
] as const) {
  test(`${title} closes the scope, as a window and as a freeze, and the fault names the rule`, () => {
    for (const faulty of [
      { windows: [saturdays, aWindow(rule, {}, "broken")] },
      { freezes: [aFreeze(rule, {}, "broken")] },
    ]) {
      const table = timetableOf(aQuery(faulty));
      assert.deepEqual(table.open.borders, []);
      assert.deepEqual(
        table.faults.map(({ name, fault }) => [name, fault.code]),
        [["broken", code]],
      );
      assert.match(table.faults[0]?.message ?? "", /^(window|freeze) broken: /);
    }
  });
}

test("a broken rule of another scope closes nothing here", () => {
  const broken = aWindow(aRule("Nowhere/Land", "2026-01-03T01:00", null, "05:00"), { tiers: [3] });
  assert.deepEqual(timetableOf(aQuery({ windows: [saturdays, broken] })).faults, []);
});

test("a freeze without actions lets rolling back and restarting through, one that names them does not", () => {
  const rule = aRule("UTC", "2026-03-01T00:00", null, "P60D");
  const table = (action: ScopeSubject["action"], scope: Scope): number =>
    timetableOf(aQuery({ freezes: [aFreeze(rule, scope)], subject: { ...subject, action } })).open.borders.length;
  assert.equal(table("deploy", {}), 0);
  assert.equal(table("migrate", {}), 0);
  assert.equal(table("roll-back", {}), 2);
  assert.equal(table("restart", {}), 2);
  assert.equal(table("roll-back", { actions: ["*"] }), 0);
});

test("what goes back is open at every hour, unless a window names the action, and whatever the environment requires", () => {
  const openOf = (windows: readonly Window[], duty: "required" | "optional"): number =>
    timetableOf(
      aQuery({
        windows,
        subject: { ...subject, action: "roll-back" },
        environment: { zone: "Europe/Berlin", windows: duty },
      }),
    ).open.borders.length;
  assert.deepEqual(
    [openOf([saturdays], "optional"), openOf([], "required"), openOf([saturdays], "required")],
    [2, 2, 2],
  );
  assert.equal(openOf([{ ...saturdays, scope: { actions: ["roll-back"] } }], "optional"), 4);
});

test("the halves of the timetable give the spans of each matching rule by name", () => {
  const query = aQuery({ windows: [saturdays], freezes: [aFreeze(aRule("UTC", "2026-03-28T02:00", null, "PT1H"))] });
  assert.deepEqual(
    windowSpans(query).matched.map(({ rule, spans }) => [rule.name, spans.borders.length]),
    [["weekend", 4]],
  );
  assert.deepEqual(
    freezeSpans(query).matched.map(({ rule, spans }) => [rule.name, spans.borders.length]),
    [["quarter-end", 2]],
  );
});

test("a future freeze does not close now, and one on all weekdays does (the faults of a peer)", () => {
  const between = range("2026-03-25T08:00Z", "2026-03-25T20:00Z");
  const future = aFreeze(aRule("Europe/Berlin", "2026-04-01T00:00", null, "2026-04-05T00:00"));
  const weekdays = aFreeze(aRule("Europe/Berlin", "2026-01-05T00:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "24:00"));
  assert.equal(timetableOf(aQuery({ freezes: [future], between })).open.borders.length, 2);
  assert.equal(timetableOf(aQuery({ freezes: [weekdays], between })).open.borders.length, 0);
});

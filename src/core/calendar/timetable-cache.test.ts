import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Freeze } from "#core/calendar/freeze.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import { timetableCache } from "#core/calendar/timetable-cache.ts";
import { timetableOf, type Timetable, type TimetableQuery } from "#core/calendar/timetable.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Scope, ScopeSubject } from "#core/catalog/scope.ts";

const between = { from: Temporal.Instant.from("2026-01-01T00:00Z"), to: Temporal.Instant.from("2026-03-01T00:00Z") };

function aRule(hour: number, zone = "target"): LocalRule {
  const start = new Temporal.PlainDateTime(2026, 1, 1, hour);
  return { zone, start, rrule: "FREQ=DAILY", end: { kind: "wall", minuteOfDay: 1200 }, exdates: [] };
}

const manyServices = ["api", ...Array.from({ length: 12 }, (_, n) => `other-${n}`)];
const scopes: readonly Scope[] = [
  {},
  { services: ["a*"] },
  { tiers: [1] },
  { teams: ["red"] },
  { services: ["api"] },
  { services: ["api", "batch"], tiers: [1, 2] },
  { services: manyServices },
  { environments: ["prod"] },
  { services: [] },
];
/** One rule in so many cannot be read, and closes what it matches. */
const faultyEvery = 13;

function zoneFor(n: number): string {
  return n % faultyEvery === faultyEvery - 1 ? "Nowhere/Land" : "target";
}

function aWindow(n: number): Window {
  const scope = scopes[n % scopes.length] ?? {};
  return { name: `w${n}`, scope, rule: aRule(n % 12, zoneFor(n)), onClose: "finish" };
}

function aFreeze(n: number): Freeze {
  const scope = scopes[n % scopes.length] ?? {};
  const rule = aRule(12 + (n % 6), zoneFor(n));
  return { name: `f${n}`, scope, rule, strength: "soft", owner: "o", passesWith: null, onBegin: "pause", reason: "" };
}

function aSubject(n: number): ScopeSubject {
  return {
    environment: "prod",
    region: null,
    service: n % 2 === 0 ? "api" : "batch",
    team: n % 3 === 0 ? "red" : "blue",
    unit: "u",
    tier: n % 5,
    tags: [],
    dataClasses: [],
    class: "normal",
    action: "deploy",
    invoker: "person",
  };
}

const shape = (table: Timetable): unknown => ({
  open: table.open.borders,
  windows: table.windows.map(({ rule }) => rule.name),
  freezes: table.freezes.map(({ rule }) => rule.name),
  restricted: table.restricted,
  faults: table.faults,
});

type Step = { readonly do: "add" | "remove" | "move"; readonly n: number };
const steps = fc.array(
  fc.record({ do: fc.constantFrom<Step["do"]>("add", "add", "remove", "move"), n: fc.nat({ max: 40 }) }),
  { maxLength: 90 },
);

function changed<Rule>(rules: readonly Rule[], step: Step, make: (n: number) => Rule): readonly Rule[] {
  const place = step.n % Math.max(1, rules.length);
  if (step.do === "add") return rules.toSpliced(place, 0, make(step.n));
  if (step.do === "remove") return rules.toSpliced(place, 1);
  const [first, ...rest] = rules;
  return first === undefined ? rules : [...rest, first];
}

test("after any changes the cache answers what a fresh computation answers, in the same order", () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const cache = timetableCache();
      let windows: readonly Window[] = [aWindow(0), aWindow(1)];
      let freezes: readonly Freeze[] = [aFreeze(0)];
      taken.forEach((step, i) => {
        if (step.n % 2 === 0) windows = changed(windows, step, aWindow);
        else freezes = changed(freezes, step, aFreeze);
        const subject = aSubject(i % 7 === 0 ? 0 : i);
        const query: TimetableQuery = {
          windows,
          freezes,
          subject,
          environment: {
            zone: step.n % 5 === 0 ? "Asia/Kolkata" : "UTC",
            windows: i % 3 === 0 ? "required" : "optional",
          },
          between,
        };
        assert.deepEqual(shape(cache.timetableOf(query)), shape(timetableOf(query)));
      });
    }),
    { numRuns: 120 },
  );
});

test("a scope that a change does not touch keeps its very timetable", () => {
  const cache = timetableCache();
  const [first, second] = [aWindow(0), { ...aWindow(1), scope: { teams: ["red"] } }];
  const query = { freezes: [], environment: { zone: "UTC", windows: "optional" }, between } as const;
  const blue = aSubject(1);
  const red = aSubject(3);
  const ask = (windows: readonly Window[], subject: ScopeSubject): Timetable =>
    cache.timetableOf({ ...query, windows, subject });
  const before = [first, second];
  const [blueBefore, redBefore] = [ask(before, blue), ask(before, red)];
  const after = [first, { ...second, rule: aRule(7) }];
  assert.equal(ask(after, blue), blueBefore);
  assert.notEqual(ask(after, red), redBefore);
});

test("environments with the same subject and other zones or duties are kept apart", () => {
  const cache = timetableCache();
  const query = { windows: [], freezes: [], subject: aSubject(1), between } as const;
  const open = cache.timetableOf({ ...query, environment: { zone: "UTC", windows: "optional" } });
  const closed = cache.timetableOf({ ...query, environment: { zone: "UTC", windows: "required" } });
  assert.deepEqual([open.open.borders.length, closed.open.borders.length], [2, 0]);
});

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readFleet } from "#agent/fleet.ts";
import { checkSources } from "#config/world.ts";
import { routeFor } from "#core/approval/count.ts";
import { freezeSpans, timetableOf } from "#core/calendar/timetable.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import type { ScopeSubject } from "#core/catalog/scope.ts";
import { asyncEdges, edgesWithoutLimit } from "#core/rollback/plan.ts";
import { caseOf, strategyExclusions } from "#core/rollout/choice.ts";
import { strategyFor } from "#core/rollout/strategy.ts";
import type { Span } from "#core/span.ts";
import { readShared, skipWithout } from "#test/data/calendar-shared.ts";

const folder = new URL("../../examples/boutique/", import.meta.url);

function boutique(more = ""): Organisation {
  const names = globSync("*.yaml", { cwd: folder }).sort();
  const files = names.map((path) => ({ path, text: readFileSync(new URL(path, folder), "utf8") }));
  const { world, problems } = checkSources(more === "" ? files : [...files, { path: "more.yaml", text: more }]);
  assert.deepEqual(problems, []);
  assert.ok(world);
  return world.organisation;
}

test("the boutique lints clean, without errors and without warnings", () => {
  const { services, environments, people, vendors, windows, freezes, routes } = boutique();
  const sizes = [services, environments, people, vendors].map(({ size }) => size);
  assert.deepEqual([...sizes, windows.length, freezes.length, routes.length], [12, 5, 13, 1, 2, 2, 5]);
});

test("criteria name a check of every service, and each of these checks is in the catalogue of the agent", () => {
  const { services, criteria } = boutique();
  const fleet = readFleet(fileURLToPath(new URL("fleet/fleet.json", folder)));
  for (const { name } of services.values()) {
    const needed = criteria.filter(({ scope }) => scope.services?.includes(name)).flatMap(({ checks }) => checks);
    assert.ok(needed.length > 0, name);
    const known = fleet.services.find((each) => each.name === name)?.checks.map((check) => check.name) ?? [];
    assert.deepEqual(
      needed.filter((check) => !known.includes(check)),
      [],
      name,
    );
  }
});

test("every asynchronous edge of a service with a planned way back has a limit, and each strategy fits its service", () => {
  const { services, environments, rollbacks, strategies } = boutique();
  assert.deepEqual([...rollbacks.keys()].sort(), ["cart", "checkout", "payment"]);
  for (const [name, { plan }] of rollbacks) {
    const service = services.get(name);
    assert.ok(service);
    assert.deepEqual(edgesWithoutLimit(plan, asyncEdges(service, [])), [], name);
  }
  const environment = environments.get("prod-emea");
  assert.ok(environment);
  for (const service of services.values()) {
    const strategy = strategyFor(strategies, subjectOf(boutique(), service.name, environment.name));
    assert.deepEqual(strategyExclusions(strategy, caseOf(service, environment, null)), [], service.name);
  }
});

/** What says of ways back in words what holds without it. */
const inWords = `kind: Strategy
metadata: { name: way-back }
spec:
  scope: { environments: ["prod-*"], actions: [roll-back] }
  priority: 100
  stages: [{ percent: 100, minSeconds: 10, maxSeconds: 300, minRequests: 20 }]
---
kind: ApprovalRoute
metadata: { name: way-back }
spec: { scope: { actions: [roll-back] }, priority: 100, approvals: 0 }
---
kind: Window
metadata: { name: prod-way-back }
spec:
  scope: { environments: ["prod-*"], actions: [roll-back] }
  zone: target
  start: 2026-01-01T00:00
  rrule: FREQ=DAILY
  end: "24:00"`;

for (const [what, more, strategy] of [
  ["by no document", "", "at-once"],
  ["by documents that name the action", inWords, "way-back"],
] as const) {
  test(`what goes back in production waits for no hour and for nobody's consent, ${what}`, () => {
    const organisation = boutique(more);
    const subject = { ...subjectOf(organisation, "checkout", "prod-emea"), action: "roll-back" } as const;
    assert.equal(routeFor(organisation.routes, subject)?.approvals ?? 0, 0);
    const spans = spansOf(timetableOf({ ...query("checkout", "prod-emea", week, organisation), subject }));
    assert.deepEqual(spans, ["2026-06-01T00:00 2026-06-08T00:00"]);
    const found = strategyFor(organisation.strategies, subject);
    assert.deepEqual([found.name, found.stages.map(({ percent }) => percent)], [strategy, [100]]);
    const store = { ...subjectOf(organisation, "redis-cart", "prod-emea"), action: "roll-back" } as const;
    assert.equal(strategyFor(organisation.strategies, store).method, "stop-start", "never two at a time");
  });
}

const skip = skipWithout("catalog/online-boutique.json");

interface Graph {
  readonly services: readonly { readonly name: string; readonly tier: number }[];
  readonly dependsOn: readonly (readonly [string, string])[];
}

test("its graph and tiers are those of Online Boutique, with short names", { skip }, () => {
  const graph: Graph = JSON.parse(readShared("catalog/online-boutique.json"));
  const short = (name: string): string => name.replace(/service$/, "");
  const { services, vendors } = boutique();
  assert.deepEqual(
    [...services.values()].map(({ name, tier }) => `${name} ${tier}`).sort(),
    graph.services.map(({ name, tier }) => `${short(name)} ${tier}`).sort(),
  );
  const edges = [...services.values()].flatMap(({ name, dependsOn }) =>
    dependsOn.filter(({ on }) => !vendors.has(on)).map(({ on }) => `${name} > ${on}`),
  );
  assert.deepEqual(edges.sort(), graph.dependsOn.map(([from, to]) => `${short(from)} > ${short(to)}`).sort());
});

test("payment depends on the vendor payco, from outside", () => {
  const { services } = boutique();
  assert.deepEqual(services.get("payment")?.dependsOn, [{ on: "payco", kind: "external", versions: null }]);
});

test("every role is held, and a bot is owned by the person it acts for", () => {
  const { people } = boutique();
  const held = new Set([...people.values()].flatMap(({ roles }) => roles));
  assert.equal(held.size, 8);
  assert.deepEqual(people.get("chen")?.accounts, [
    { name: "chen", kind: "human" },
    { name: "checkout-release-bot", kind: "bot" },
  ]);
});

function subjectOf(organisation: Organisation, service: string, environment: string): ScopeSubject {
  const found = organisation.services.get(service);
  assert.ok(found);
  const { team, unit, tier, tags, dataClasses } = found;
  const region = organisation.environments.get(environment)?.region ?? null;
  return {
    service,
    environment,
    region,
    team,
    unit,
    tier,
    tags,
    dataClasses,
    class: "normal",
    action: "deploy",
    invoker: "person",
  };
}

const week: Span = {
  from: Temporal.Instant.from("2026-06-01T00:00:00Z"),
  to: Temporal.Instant.from("2026-06-08T00:00:00Z"),
};

function query(service: string, environment: string, between: Span, organisation = boutique()) {
  const found = organisation.environments.get(environment);
  assert.ok(found);
  const { windows, freezes } = organisation;
  return { windows, freezes, subject: subjectOf(organisation, service, environment), environment: found, between };
}

function spansOf({ open }: ReturnType<typeof timetableOf>): string[] {
  const minutes = open.borders.map((ms) => Temporal.Instant.fromEpochMilliseconds(ms).toString().slice(0, 16));
  return minutes.flatMap((from, index) => (index % 2 === 0 ? [`${from} ${minutes[index + 1]}`] : []));
}

for (const [environment, spans] of [
  [
    "prod-emea",
    [
      "2026-06-01T07:00 2026-06-01T14:00",
      "2026-06-02T07:00 2026-06-02T14:00",
      "2026-06-03T07:00 2026-06-03T14:00",
      "2026-06-04T07:00 2026-06-04T14:00",
      "2026-06-06T20:00 2026-06-07T02:00",
    ],
  ],
  [
    "prod-amer",
    [
      "2026-06-01T13:00 2026-06-01T20:00",
      "2026-06-02T13:00 2026-06-02T20:00",
      "2026-06-03T13:00 2026-06-03T20:00",
      "2026-06-04T13:00 2026-06-04T20:00",
      "2026-06-07T02:00 2026-06-07T08:00",
    ],
  ],
  [
    "prod-apac",
    [
      "2026-06-01T01:00 2026-06-01T08:00",
      "2026-06-02T01:00 2026-06-02T08:00",
      "2026-06-03T01:00 2026-06-03T08:00",
      "2026-06-04T01:00 2026-06-04T08:00",
      "2026-06-06T14:00 2026-06-06T20:00",
    ],
  ],
] as const) {
  test(`${environment} opens from Monday to Thursday and on Saturday night, in its own zone`, () => {
    assert.deepEqual(spansOf(timetableOf(query("frontend", environment, week))), spans);
  });
}

test("development and staging are never closed", () => {
  const table = timetableOf(query("frontend", "staging", week));
  assert.equal(table.restricted, false);
  assert.deepEqual(spansOf(table), ["2026-06-01T00:00 2026-06-08T00:00"]);
});

test("every quarter ends with a freeze of financial services, 18:00 to 06:00 two days later in Berlin", () => {
  const between = {
    from: Temporal.Instant.from("2026-01-01T00:00:00Z"),
    to: Temporal.Instant.from("2027-01-15T00:00:00Z"),
  };
  const { matched } = freezeSpans(query("payment", "prod-amer", between));
  const quarterEnd = matched.find(({ rule }) => rule.name === "quarter-end");
  assert.ok(quarterEnd);
  const borders = quarterEnd.spans.borders.map((ms) =>
    Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO("Europe/Berlin").toPlainDateTime().toString(),
  );
  assert.deepEqual(borders, [
    "2026-03-31T18:00:00",
    "2026-04-02T06:00:00",
    "2026-06-30T18:00:00",
    "2026-07-02T06:00:00",
    "2026-09-30T18:00:00",
    "2026-10-02T06:00:00",
    "2026-12-31T18:00:00",
    "2027-01-02T06:00:00",
  ]);
  const other = freezeSpans(query("ad", "prod-amer", between)).matched.map(({ rule }) => rule.name);
  assert.deepEqual(other, []);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { storedDocument } from "#config/document.ts";
import type { JsonObject } from "#config/json.ts";
import { checkDocuments, decodeOrganisation } from "#config/organisation.ts";
import { parseSources } from "#config/source.ts";
import { checkSources } from "#config/world.ts";

function look(text: string) {
  return checkSources([{ path: "f.yaml", text }]).problems;
}

function found(text: string): string[] {
  return look(text).map(({ line, column, severity, code }) => `${line}:${column} ${severity} ${code}`);
}

const window = (fields: string): string =>
  `kind: Window\nmetadata: { name: w }\nspec:\n  scope: {}\n${fields.replace(/^/gm, "  ")}\n`;
const sound = "zone: Europe/Berlin\nstart: 2026-01-03T01:00\n";
const service = (name: string, more: string): string =>
  `---\nkind: Service\nmetadata: { name: ${name} }\nspec: { unit: u, team: t, tier: 1${more} }\n`;
const environment = (name: string, more: string): string =>
  `---\nkind: Environment\nmetadata: { name: ${name} }\nspec: { zone: UTC${more} }\n`;

for (const [title, text, problems, words] of [
  [
    "an unknown zone",
    window("zone: Europe/Berln\nstart: 2026-01-03T01:00\nend: 05:00"),
    ["5:9 error unknown-zone"],
    /Did you mean "Europe\/Berlin"/,
  ],
  [
    "a zone in the wrong case",
    window("zone: europe/berlin\nstart: 2026-01-03T01:00\nend: 05:00"),
    ["5:9 error unknown-zone"],
    /Europe\/Berlin/,
  ],
  [
    "an offset as zone",
    window('zone: "+01:00"\nstart: 2026-01-03T01:00\nend: 05:00'),
    ["5:9 error unknown-zone"],
    /clock changes/,
  ],
  ["a missing zone", window("start: 2026-01-03T01:00\nend: 05:00"), ["3:1 error missing-field"], /no default zone/],
  [
    "a window without anchor",
    window("zone: target\nrrule: FREQ=WEEKLY\nend: 05:00"),
    ["3:1 error missing-field"],
    /anchor from which INTERVAL/,
  ],
  [
    "a start with an offset",
    window("zone: target\nstart: 2026-01-03T01:00Z\nend: 05:00"),
    ["6:10 error bad-local-time"],
    /Leave the offset out/,
  ],
  [
    "a start without time",
    window("zone: target\nstart: 2026-01-03\nend: 05:00"),
    ["6:10 error bad-local-time"],
    /2026-01-03T00:00/,
  ],
  [
    "a start at 24:00",
    window("zone: target\nstart: 2026-01-03T24:00\nend: 05:00"),
    ["6:10 error bad-local-time"],
    /T00:00 of the next day/,
  ],
  [
    "a start on a day that does not exist",
    window("zone: target\nstart: 2026-02-30T01:00\nend: 05:00"),
    ["6:10 error bad-local-time"],
    /exist/,
  ],
  ["an end after 24:00", window(`${sound}end: "24:01"`), ["7:8 error bad-time-of-day"], /24:00/],
  ["an end with seconds", window(`${sound}end: "05:00:00"`), ["7:8 error bad-time-of-day"], /hours and minutes/],
  ["both end and duration", window(`${sound}end: 05:00\nduration: PT4H`), ["8:3 error end-and-duration"], /Keep end/],
  ["neither end nor duration", window(sound.trimEnd()), ["3:1 error no-end"], /Add end/],
  ["a duration of a month", window(`${sound}duration: P1M`), ["7:13 error bad-duration"], /vary/],
  ["a duration of nothing", window(`${sound}duration: PT0S`), ["7:13 error bad-duration"], /in between/],
  ["a negative duration", window(`${sound}duration: -PT4H`), ["7:13 error bad-duration"], /PT4H/],
  [
    "an absolute end of a recurring rule",
    window(`${sound}rrule: FREQ=DAILY\nend: 2026-01-05T01:00`),
    ["8:8 error absolute-end"],
    /duration \(PT36H\)/,
  ],
  [
    "an absolute end before the start",
    window(`${sound}end: 2026-01-01T01:00`),
    ["7:8 error wrong-order"],
    /after the start/,
  ],
  [
    "a recurrence, at the character",
    window(`${sound}rrule: FREQ=WEEKLY;BYDAY=XX\nend: 05:00`),
    ["7:28 error bad-recurrence"],
    /RFC 5545/,
  ],
  [
    "a recurrence in quotes, at the character",
    window(`${sound}rrule: "FREQ=WEEKLY;BYDAY=XX"\nend: 05:00`),
    ["7:29 error bad-recurrence"],
    /RFC 5545/,
  ],
  [
    "a recurrence with its prefix",
    window(`${sound}rrule: RRULE:FREQ=WEEKLY\nend: 05:00`),
    ["7:10 error bad-recurrence"],
    /Leave the prefix/,
  ],
  [
    "a recurrence that nobody can compute",
    window(`${sound}rrule: FREQ=SECONDLY\nduration: PT1S`),
    ["7:10 error bad-recurrence"],
    /less often/,
  ],
  [
    "an exception that is no list",
    window(`${sound}end: 05:00\nexdates: 2026-01-10T01:00`),
    ["8:12 error wrong-type"],
    /\[2026-01-10T01:00\]/,
  ],
  [
    "an unknown field",
    window(`${sound}end: 05:00\nonclose: pause`),
    ["8:3 error unknown-field"],
    /Did you mean "onClose"/,
  ],
  [
    "a value outside the list",
    window(`${sound}end: 05:00\nonClose: paus`),
    ["8:12 error bad-value"],
    /Did you mean "pause"/,
  ],
  [
    "a scope without meaning",
    'kind: Window\nmetadata: { name: w }\nspec:\n  scope: { tiers: ["1"], tags: [], classes: [normale] }\n  zone: target\n  start: 2026-01-03T01:00\n  end: 05:00\n',
    ["4:20 error wrong-type", "4:32 error out-of-range", "4:46 error bad-glob"],
    /without quotes/,
  ],
  [
    "a missing scope",
    "kind: Window\nmetadata: { name: w }\nspec: { zone: target, start: 2026-01-03T01:00, end: 05:00 }\n",
    ["3:1 error missing-field"],
    /scope: \{\} is everything/,
  ],
  [
    "an approval for a hard freeze",
    "kind: Freeze\nmetadata: { name: f }\nspec: { scope: {}, strength: hard, zone: target, start: 2026-01-03T01:00, end: 05:00, owner: auditor, passesWith: r }\n",
    ["3:103 error bad-value", "3:115 error unknown-reference"],
    /make the freeze soft/,
  ],
  [
    "a team that is not declared",
    `kind: Team\nmetadata: { name: checkout }\nspec: { unit: u }\n${service("a", "").replace("team: t", "team: chekout")}`,
    ["7:24 error unknown-reference"],
    /Did you mean "checkout"/,
  ],
  [
    "a unit that is not declared",
    `kind: Unit\nmetadata: { name: retail }\n${service("a", "").replace("unit: u", "unit: retial")}`,
    ["6:15 error unknown-reference"],
    /Did you mean "retail"/,
  ],
  [
    "a service that is not declared",
    `${service("cart", "")}${service("a", ", dependsOn: [{ service: crat }]")}`,
    ["8:59 error unknown-reference"],
    /Did you mean "cart"/,
  ],
  [
    "an environment that is not declared",
    environment("prod", ", after: [stagin]") + environment("staging", ""),
    ["4:28 error unknown-reference"],
    /Did you mean "staging"/,
  ],
  ["a name that is used twice", `${service("a", "")}${service("a", "")}`, ["7:19 error duplicate-name"], /Rename/],
  [
    "a vendor with the name of a service",
    `${service("a", "")}---\nkind: Vendor\nmetadata: { name: a }\n`,
    ["7:19 error ambiguous-name"],
    /Rename/,
  ],
  [
    "a range that cannot be read",
    `${service("b", "")}${service("a", ", dependsOn: [{ service: b, versions: three }]")}`,
    ["8:72 error bad-range"],
    />=3\.2/,
  ],
  [
    "a dependency on two things",
    `${service("b", "")}${service("a", ", dependsOn: [{ service: b, vendor: c, kind: external }]")}`,
    ["8:48 error bad-edge", "8:70 error unknown-reference"],
    /one vendor/,
  ],
  ["a contract that is a number", service("a", ", contract: 1"), ["4:46 error wrong-type"], /quotes/],
  [
    "services in a circle without contract",
    service("a", ', dependsOn: [{ service: b }], contract: "1"') +
      service("b", ", dependsOn: [{ service: c }]") +
      service("c", ", dependsOn: [{ service: a }]"),
    ["8:59 error dependency-cycle"],
    /Add contract/,
  ],
  [
    "a service that depends on itself",
    service("a", ", dependsOn: [{ service: a }]"),
    ["4:59 error dependency-cycle"],
    /contract/,
  ],
  [
    "environments in a circle",
    environment("a", ", after: [b]") + environment("b", ", after: [a]"),
    ["4:27 error environment-cycle"],
    /Remove/,
  ],
  [
    "an account of two persons",
    "kind: Person\nmetadata: { name: p }\nspec: { accounts: [{ name: x, kind: human }] }\n---\nkind: Person\nmetadata: { name: q }\nspec: { accounts: [{ name: x, kind: bot }] }\n",
    ["7:28 error duplicate-account"],
    /one person/,
  ],
  [
    "a role that does not exist",
    "kind: Person\nmetadata: { name: p }\nspec: { roles: [aprover] }\n",
    ["3:17 error bad-value"],
    /Did you mean "approver"/,
  ],
  [
    "a route that nobody can serve",
    "kind: ApprovalRoute\nmetadata: { name: r }\nspec: { scope: {}, approvals: 1 }\n",
    ["3:31 error no-approver"],
    /roles: \[approver\]/,
  ],
  [
    "a kind with a slip",
    "kind: Servise\nmetadata: { name: s }\n",
    ["1:7 error unknown-kind"],
    /Did you mean "Service"/,
  ],
  [
    "a kind that is planned",
    "kind: Train\nmetadata: { name: s }\n",
    ["1:7 error kind-not-supported"],
    /opens by accident/,
  ],
  [
    "a version that is a number",
    "kind: State\nspec: { artifacts: [{ service: a, version: 5.0, digest: sha256:0 }] }\n",
    ["2:32 warning unknown-reference", "2:44 error wrong-type"],
    /quotes|Declare/,
  ],
  [
    "a booking that ends before it starts",
    `${service("a", "")}${environment("e", "")}---\nkind: State\nspec:\n  bookings: [{ service: a, version: "1", environment: e, from: 2026-01-02T00:00:00Z, to: 2026-01-01T00:00:00Z }]\n`,
    ["12:90 error wrong-order"],
    /later/,
  ],
  [
    "stages that do not rise to the end",
    "kind: Strategy\nmetadata: { name: s }\nspec:\n  scope: {}\n  stages:\n    - { percent: 50, minSeconds: 9, maxSeconds: 5, minRequests: 0 }\n    - { percent: 20, minSeconds: 1, maxSeconds: 5, minRequests: 0 }\n",
    ["6:49 error wrong-order", "7:18 error bad-value", "7:18 error wrong-order"],
    /more time|rise/,
  ],
] as const) {
  test(`finds ${title}, at its place and with what to do`, () => {
    assert.deepEqual(found(text), problems);
    assert.match(look(text)[0]?.remedy ?? "", words);
  });
}

for (const [title, text, problems] of [
  [
    "a freeze without owner",
    "kind: Freeze\nmetadata: { name: f }\nspec: { scope: {}, strength: soft, zone: target, start: 2026-01-03T01:00, end: 05:00 }\n",
    ["3:1 warning no-owner"],
  ],
  [
    "a scope that matches nothing",
    `${environment("prod", "")}---\n${window(`${sound}end: 05:00`).replace("{}", "{ environments: [prd] }")}`,
    ["9:27 warning matches-nothing"],
  ],
  [
    "a tag that differs from another in case alone",
    ["financial", "financial", "Financial"].map((tag, place) => service(`s${place}`, `, tags: [eu, ${tag}]`)).join(""),
    ["12:47 warning twin-label"],
  ],
  [
    "a route with too few persons",
    "kind: ApprovalRoute\nmetadata: { name: r }\nspec: { scope: {}, approvals: 2, roles: [approver] }\n---\nkind: Person\nmetadata: { name: p }\nspec: { roles: [approver] }\n",
    ["3:31 warning no-approver"],
  ],
  [
    "a route that names a role which may not approve",
    "kind: ApprovalRoute\nmetadata: { name: r }\nspec: { scope: {}, approvals: 1, roles: [viewer] }\n---\nkind: Person\nmetadata: { name: p }\nspec: { roles: [viewer] }\n",
    ["3:31 warning no-approver"],
  ],
  [
    "a route whose only approver audits as well",
    "kind: ApprovalRoute\nmetadata: { name: r }\nspec: { scope: {}, approvals: 1, roles: [approver] }\n---\nkind: Person\nmetadata: { name: p }\nspec: { roles: [approver, auditor] }\n",
    ["3:31 warning no-approver"],
  ],
  [
    "a lock state of an undeclared service",
    "kind: State\nspec: { signals: [{ service: x, status: ok, since: 2026-01-01T00:00:00Z }] }\n",
    ["2:30 warning unknown-reference"],
  ],
] as const) {
  test(`warns of ${title} and still decodes`, () => {
    assert.deepEqual(found(text), problems);
    assert.notEqual(checkSources([{ path: "f.yaml", text }]).world, null);
  });
}

test("all problems of all documents are found at once, in the order of their places", () => {
  const text = `${window("zone: X/Y\nstart: now\nend: late\nextra: 1")}---\nkind: Team\nmetadata: { name: t, title: T }\nspec: { unti: u }\n${environment("e", ", protected: maybe")}`;
  assert.deepEqual(found(text), [
    "5:9 error unknown-zone",
    "6:10 error bad-local-time",
    "7:8 error bad-time-of-day",
    "8:3 error unknown-field",
    "11:22 error unknown-field",
    "12:1 error missing-field",
    "12:9 error unknown-field",
    "16:31 error wrong-type",
  ]);
});

test("a circle is allowed when every member keeps a contract", () => {
  const text =
    service("a", ', dependsOn: [{ service: b }], contract: "1"') +
    service("b", ', dependsOn: [{ service: a }], contract: "2.1"');
  assert.deepEqual(found(text), []);
});

test("the message of a circle names it in the direction of the dependencies, and who keeps no contract", () => {
  const text =
    service("a", ", dependsOn: [{ service: b }]") + service("b", ', dependsOn: [{ service: a }], contract: "2.1"');
  const message = "Services depend on each other in a circle: a → b → a. No contract is declared by a.";
  assert.equal(look(text)[0]?.message, message);
});

test("a duplicate name names the other place", () => {
  const files = ["one.yaml", "two.yaml"].map((path) => ({ path, text: "kind: Unit\nmetadata: { name: u }\n" }));
  const [problem] = checkSources(files).problems;
  assert.equal(problem?.path, "two.yaml");
  assert.equal(problem.message, "Unit/u is already declared at one.yaml:1:1.");
});

test("names are not called undeclared while a file that may declare them cannot be read", () => {
  const files = [
    { path: "a.yaml", text: "kind: Team\nmetadata: { name: [" },
    { path: "b.yaml", text: `kind: Team\nmetadata: { name: x }\nspec: { unit: u }\n${service("s", "")}` },
  ];
  const { problems, world } = checkSources(files);
  assert.equal(world, null);
  assert.ok(problems.every(({ path, code }) => path === "a.yaml" && code === "yaml"));
});

test("without any Unit and Team those that services name are taken as declared", () => {
  const result = decodeOrganisation(parseSources([{ path: "f", text: service("s", "") }]).documents);
  assert.ok(result.ok);
  assert.deepEqual([...result.value.units.values()], [{ name: "u" }]);
  assert.deepEqual([...result.value.teams.values()], [{ name: "t", unit: "u" }]);
});

test("the organisation does not depend on the order of the documents", () => {
  const text = `${service("b", "")}${service("a", "")}${environment("y", "")}${environment("x", "")}---\n${window(`${sound}end: 05:00`)}`;
  const { documents } = parseSources([{ path: "f", text }]);
  const there = decodeOrganisation(documents);
  const back = decodeOrganisation(documents.toReversed());
  assert.ok(there.ok && back.ok);
  assert.deepEqual([...there.value.services.keys()], ["a", "b"]);
  assert.deepEqual([...back.value.services.keys()], ["a", "b"]);
  assert.deepEqual(back.value, there.value);
});

test("a stored document with a problem is placed in its own export", () => {
  const { problems, organisation } = checkDocuments([storedDocument("Environment", "prod", { zone: "Mars/Olympus" })]);
  assert.equal(organisation, null);
  const [problem] = problems;
  assert.equal(`${problem?.path}:${problem?.line}:${problem?.column}`, "Environment/prod:6:9");
  assert.match(problem?.excerpt ?? "", /zone: Mars\/Olympus/);
});

test("fifty thousand stored services are decoded and cross-checked in linear time", () => {
  const make = (count: number) =>
    Array.from({ length: count }, (_, index) => {
      const dependsOn = index === 0 ? [] : [{ service: `s${index - 1}`, kind: "sync", versions: ">=1.2" }];
      const spec: JsonObject = { unit: "u", team: `t${index % 500}`, tier: index % 4, tags: ["x"], dependsOn };
      return storedDocument("Service", `s${index}`, spec);
    });
  const timed = (count: number): number => {
    const documents = make(count);
    const started = performance.now();
    assert.ok(decodeOrganisation(documents).ok);
    return performance.now() - started;
  };
  timed(2_000);
  const small = timed(5_000);
  const large = timed(50_000);
  assert.ok(large < Math.max(40 * small, 1_000), `5,000 took ${small} ms, 50,000 took ${large} ms`);
  assert.ok(large < 20_000, `took ${large} ms`);
});

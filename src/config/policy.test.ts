import assert from "node:assert/strict";
import { test } from "node:test";
import { documentDigest } from "#config/document.ts";
import { readMoment } from "#config/moment.ts";
import { parseSources } from "#config/source.ts";
import { checkSources } from "#config/world.ts";
import { sha256 } from "#core/audit/sha256.ts";
import type { Policy } from "#core/policy/policy.ts";

const catalog = `kind: Environment
metadata: { name: prod }
spec: { zone: Europe/Berlin, region: emea, protected: true }
---
kind: Environment
metadata: { name: test }
spec: { zone: Europe/Berlin }
---
kind: Team
metadata: { name: platform }
spec: { unit: retail }
---
kind: Team
metadata: { name: basket }
spec: { unit: retail }
---
kind: Team
metadata: { name: checkout }
spec: { unit: retail }
---
kind: Service
metadata: { name: cart }
spec: { unit: retail, team: basket, tier: 2 }
---
kind: Service
metadata: { name: pay }
spec: { unit: retail, team: checkout, tier: 1 }
`;

function aDocument(name: string, level: string, rest: string): string {
  const owner = level === "central" ? "platform" : "basket";
  return `---
kind: Policy
metadata: { name: ${name} }
spec:
  level: ${level}
  owner: ${owner}
${rest}
`;
}

const bar = (rest = ""): string =>
  aDocument(
    "bar",
    "central",
    `  scope: { environments: ["prod*"] }
  settings:
    evidence: [{ kind: coverage, min: 80, maxAge: P7D, ruleSet: 2.1.0 }]
    ticket: { states: [scheduled, implementing] }
    emergency: { approvals: 2, validFor: PT4H, reviewWithin: P5D, backMergeWithin: P2D }
    clauses:
      - { id: notes, expression: "true", sentence: "No notes.", who: owner, remedy: "Write them." }
${rest}`,
  );

const overlay = (settings: string, scope = "{}", more = ""): string =>
  aDocument("ours", "overlay", `  scope: ${scope}\n  settings: ${settings}\n${more}`);

function problemsOf(...texts: readonly string[]): readonly string[] {
  const text = catalog + texts.join("");
  const base = catalog.split("\n").length - 1;
  return checkSources([{ path: "f.yaml", text }]).problems.map(
    ({ line, column, code, message }) => `${line - base}:${column} ${code} ${message}`,
  );
}

function policiesOf(...texts: readonly string[]): readonly Policy[] {
  const { world, problems } = checkSources([{ path: "f.yaml", text: catalog + texts.join("") }]);
  assert.deepEqual(problems, []);
  assert.ok(world);
  return world.organisation.policies;
}

test("a policy reads with its dates, its lengths in hours and its digest", () => {
  const dated = bar("  from: 2026-04-01T00:00[Europe/Berlin]\n  until: 2026-05-01T00:00:00Z");
  const [policy] = policiesOf(dated);
  assert.equal(policy?.from?.toString(), "2026-03-31T22:00:00Z");
  assert.equal(policy.settings.evidence[0]?.maxAge?.toString(), "PT168H");
  const document = parseSources([{ path: "f", text: dated }]).documents[0];
  assert.ok(document);
  assert.equal(policy.version, documentDigest(document, sha256));
});

test("the version is of the content: comments and the order of keys do not change it, a figure does", () => {
  const version = (text: string): string | undefined => policiesOf(text)[0]?.version;
  assert.equal(version(bar()), version(bar("# a remark")));
  assert.notEqual(version(bar()), version(bar().replace("min: 80", "min: 81")));
});

for (const [title, text, expected] of [
  ["a setting that does not exist", "{ coverag: 80 }", /unknown-field .*no field "coverag"/],
  ["a limit that contradicts another", "{ evidence: [{ kind: a, min: 5, max: 4 }] }", /contradiction No value is/],
  ["evidence named twice", "{ evidence: [{ kind: a }, { kind: a }] }", /contradiction evidence names a twice/],
  ["no setting at all", "{}", /missing-field The policy demands nothing/],
  ["risk without a limit", "{ risk: { per: unit } }", /missing-field risk names neither/],
  ["a rule set that is no version", "{ evidence: [{ kind: a, ruleSet: spring }] }", /bad-version/],
  [
    "a clause that cannot be read",
    '{ clauses: [{ id: a, expression: "service.teir > 1", sentence: "S.", who: w, remedy: "R." }] }',
    /bad-expression No such key: teir/,
  ],
  ["a setting set to nothing", "{ verification: null }", /wrong-type/],
  [
    "a clause that asks for what is not there",
    '{ clauses: [{ id: a, expression: "service.tears <= 1", sentence: "S.", who: w, remedy: "R." }] }',
    /^8:5\d bad-expression No such key: tears/,
  ],
  ["a length in months", "{ promotion: { soak: P1M } }", /bad-duration/],
] as const) {
  test(`${title} is refused with its place`, () => {
    const [first, ...more] = problemsOf(overlay(text));
    assert.match(first ?? "", expected);
    assert.match(first ?? "", /^8:\d+ /);
    assert.deepEqual(more, []);
  });
}

test("dates without a zone, and an end before the begin, are refused", () => {
  assert.match(problemsOf(bar("  from: 2026-04-01T00:00"))[0] ?? "", /bad-instant .*local time without a zone/);
  assert.match(problemsOf(bar("  from: 2026-04-01T00:00[Mars/Olympus]"))[0] ?? "", /unknown-zone/);
  const ended = bar("  from: 2026-04-01T00:00:00Z\n  until: 2026-04-01T00:00:00Z");
  assert.match(problemsOf(ended)[0] ?? "", /wrong-order/);
});

test("a local time with its zone counts in a gap with the offset before it, in an overlap the first", () => {
  const instantOf = (text: string): string => {
    const read = readMoment(text);
    return read.ok ? read.value.toString() : read.error.code;
  };
  assert.equal(instantOf("2026-03-29T02:30[Europe/Berlin]"), "2026-03-29T01:30:00Z");
  assert.equal(instantOf("2026-10-25T02:30[Europe/Berlin]"), "2026-10-25T00:30:00Z");
});

test("bounds name numbers of their own policy, are in order, and hold what is demanded", () => {
  const bounded = (bound: string): string => problemsOf(bar(`  bounds: [${bound}]`))[0] ?? "";
  assert.match(bounded("{ setting: evidence.coverage.mim, least: 1, most: 2 }"), /unknown-reference/);
  assert.match(
    bounded("{ setting: evidence.coverage.min, least: 3, most: 2 }"),
    /contradiction No value is from 3 to 2/,
  );
  assert.match(
    bounded("{ setting: evidence.coverage.min, least: 1, most: 2 }"),
    /contradiction What is demanded here, 80/,
  );
  assert.equal(bounded("{ setting: evidence.coverage.min, least: 70, most: 90 }"), "");
});

for (const [title, settings, code] of [
  ["a lower figure", "{ evidence: [{ kind: coverage, min: 79 }] }", "overlay-loosens evidence.coverage.min is 79"],
  [
    "an older age",
    "{ evidence: [{ kind: coverage, maxAge: P8D }] }",
    "overlay-loosens evidence.coverage.maxAge is PT192H",
  ],
  [
    "an older rule set",
    "{ evidence: [{ kind: coverage, ruleSet: 1.9.0 }] }",
    "overlay-loosens evidence.coverage.ruleSet",
  ],
  ["a state the centre does not allow", "{ ticket: { states: [draft] } }", "overlay-loosens ticket.states is draft"],
  [
    "an emergency without dual control",
    "{ emergency: { approvals: 1, validFor: PT2H, reviewWithin: P5D, backMergeWithin: P2D } }",
    "overlay-loosens emergency.approvals is 1, which is looser than 2 of the central policy bar at f.yaml:",
  ],
  [
    "a clause in place of the centre's",
    '{ clauses: [{ id: notes, expression: "1 == 1", sentence: "S.", who: w, remedy: "R." }] }',
    "overlay-loosens clauses.notes",
  ],
] as const) {
  test(`an overlay with ${title} is refused with its place`, () => {
    const found = problemsOf(bar(), overlay(settings)).filter((problem) => problem.includes("overlay"));
    assert.equal(found.length, 1);
    assert.ok(found[0]?.includes(code), found.join());
  });
}

test("an overlay that adds a test, or tightens, is accepted, and the strictest counts from its date", () => {
  const adds = overlay(
    "{ evidence: [{ kind: load-test }, { kind: coverage, min: 90 }], promotion: { soak: P1D } }",
    "{}",
    "  from: 2026-06-01T00:00:00Z",
  );
  assert.deepEqual(problemsOf(bar(), adds), []);
});

test("an overlay moves a bounded number inside its bound, and no further", () => {
  const bounded = bar("  bounds: [{ setting: evidence.coverage.min, least: 70, most: 90 }]");
  assert.deepEqual(problemsOf(bounded, overlay("{ evidence: [{ kind: coverage, min: 70 }] }")), []);
  const [below] = problemsOf(bounded, overlay("{ evidence: [{ kind: coverage, min: 69 }] }"));
  assert.match(
    below ?? "",
    /outside-bounds evidence.coverage.min is 69, and the central policy bar .* from 70 to 90 only/,
  );
});

test("an overlay and a central policy that never meet do not limit each other", () => {
  const lower = "{ evidence: [{ kind: coverage, min: 10 }] }";
  assert.deepEqual(problemsOf(bar(), overlay(lower, "{ environments: [test] }")), []);
  assert.deepEqual(
    problemsOf(bar("  until: 2026-01-01T00:00:00Z"), overlay(lower, "{}", "  from: 2026-01-01T00:00:00Z")),
    [],
  );
});

for (const [title, settings, code] of [
  [
    "a longer permission",
    "{ emergency: { approvals: 1, validFor: PT4H, reviewWithin: P5D, backMergeWithin: P5D } }",
    "emergency.validFor is PT4H, which is looser than PT2H",
  ],
  [
    "a later review",
    "{ emergency: { approvals: 1, validFor: PT2H, reviewWithin: P90D, backMergeWithin: P5D } }",
    "emergency.reviewWithin is P90D, which is looser than P5D",
  ],
  ["a shorter recovery", "{ signals: { okFor: PT1S } }", "signals.okFor is PT1S, which is looser than PT10M"],
] as const) {
  test(`an overlay with ${title} than holds by itself is refused where the centre is silent`, () => {
    const [found = "", ...more] = problemsOf(overlay(settings));
    assert.match(found, /^8:\d+ overlay-loosens /);
    assert.ok(found.includes(code), found);
    assert.deepEqual(more, []);
  });
}

test("what holds by itself is for the centre to loosen, as far and as long as it speaks", () => {
  const hour = "{ emergency: { approvals: 1, validFor: PT3H, reviewWithin: P5D, backMergeWithin: P2D } }";
  const centre = (rest: string): string =>
    aDocument(
      "lane",
      "central",
      `${rest}\n  settings: { emergency: { approvals: 1, validFor: PT4H, reviewWithin: P9D, backMergeWithin: P9D } }`,
    );
  const everywhere = centre("  scope: {}");
  assert.deepEqual(problemsOf(everywhere), [], "the centre itself may");
  assert.deepEqual(problemsOf(everywhere, overlay(hour)), []);
  assert.deepEqual(
    problemsOf(centre("  scope: { environments: [prod] }"), overlay(hour, "{ environments: [prod] }")),
    [],
  );
  for (const narrower of [
    "  scope: { environments: [prod] }",
    "  scope: { classes: [emergency] }",
    "  scope: { services: [pay] }",
    "  scope: {}\n  until: 2027-01-01T00:00:00Z",
    "  scope: {}\n  from: 2027-01-01T00:00:00Z",
  ]) {
    const [found] = problemsOf(centre(narrower), overlay(hour));
    assert.match(found ?? "", /overlay-loosens emergency.validFor is PT3H, which is looser than PT2H/, narrower);
  }
});

test("an overlay that tightens what holds by itself is accepted", () => {
  const tighter = "{ emergency: { approvals: 2, validFor: PT1H, reviewWithin: P3D, backMergeWithin: P2D } }";
  assert.deepEqual(problemsOf(overlay(tighter)), []);
  assert.deepEqual(problemsOf(overlay("{ signals: { okFor: PT30M } }")), []);
});

test("an overlay reaches no further than its team and sets no bounds", () => {
  assert.match(
    problemsOf(overlay("{ promotion: { soak: P1D } }", "{ services: [pay] }"))[0] ?? "",
    /overlay-too-far .*pay of checkout/,
  );
  assert.match(
    problemsOf(overlay("{ promotion: { soak: P1D } }", "{ teams: [checkout] }"))[0] ?? "",
    /overlay-too-far/,
  );
  assert.match(
    problemsOf(overlay("{ promotion: { soak: P1D } }", "{}", "  bounds: []"))[0] ?? "",
    /overlay-too-far .*bounds/,
  );
});

test("the owner of a policy is a declared team", () => {
  assert.match(problemsOf(bar().replace("owner: platform", "owner: nobody"))[0] ?? "", /unknown-reference/);
});

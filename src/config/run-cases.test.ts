import assert from "node:assert/strict";
import { test } from "node:test";
import { type PolicyCase, policyCase } from "#config/kinds/policy-case.ts";
import { type CaseReport, runCases } from "#config/run-cases.ts";
import { parseSources } from "#config/source.ts";
import { checkSources } from "#config/world.ts";
import { fakeHash } from "#core/testing.ts";

const folder = `kind: Environment
metadata: { name: prod }
spec: { zone: Europe/Berlin, region: emea, protected: true }
---
kind: Service
metadata: { name: cart }
spec: { unit: retail, team: basket, tier: 2 }
---
kind: Policy
metadata: { name: used }
spec: { level: central, owner: platform, scope: {}, settings: { errorBudget: { minLeft: 0.1 } } }
---
kind: Policy
metadata: { name: unused }
spec: { level: central, owner: platform, scope: {}, until: 2026-01-01T00:00:00Z, settings: { errorBudget: { minLeft: 0.2 } } }
---
kind: Freeze
metadata: { name: books }
spec: { scope: {}, strength: hard, zone: Europe/Berlin, start: 2026-03-31T18:00, end: 2026-04-02T06:00, owner: basket }
`;

const aCase = (rest: string, at = "2026-03-25T10:00:00Z"): string => `---
kind: PolicyCase
metadata: { name: c }
spec:
  question: { service: cart, version: 1.1.0, environment: prod, at: ${at} }
${rest}
`;

function run(text: string): CaseReport {
  const { world, problems } = checkSources([{ path: "f.yaml", text: folder + text }]);
  assert.ok(world, JSON.stringify(problems));
  return runCases(world, casesOf(text), { hash: fakeHash, zoneData: "2026c" });
}

function casesOf(text: string): readonly PolicyCase[] {
  return parseSources([{ path: "f.yaml", text }]).documents.map((document) => {
    const decoded = policyCase.decode(document);
    assert.ok(decoded.ok);
    return decoded.value;
  });
}

const frozen = "2026-04-01T10:00:00Z";

for (const [title, text, failures] of [
  [
    "passes when all that is named is so",
    aCase("  expect: { verdict: wait, findings: { freeze-in-force: { code: frozen } } }", frozen),
    0,
  ],
  ["fails by the verdict and says what was in the way", aCase("  expect: { verdict: allow }", frozen), 1],
  ["fails by a code that was to be absent", aCase("  expect: { absent: [frozen] }", frozen), 1],
  [
    "fails by a sentence that says something else",
    aCase("  expect: { findings: { freeze-in-force: { says: flood } } }", frozen),
    1,
  ],
  ["fails by the next opening", aCase("  expect: { nextOpening: null }", frozen), 1],
  ["passes by the next opening", aCase('  expect: { nextOpening: "2026-04-02T06:00[Europe/Berlin]" }', frozen), 0],
  [
    "knows only its own state",
    aCase("  state: { artifacts: [] }\n  expect: { findings: { artifact-known: { outcome: deny } } }"),
    0,
  ],
] as const) {
  test(`a case ${title}`, () => {
    const report = run(text);
    const found = report.cases.flatMap((each) => each.failures);
    assert.equal(found.length, failures, found.join("\n"));
    assert.equal(report.failed, Number(failures > 0));
    assert.equal(report.passed + report.failed, 1);
  });
}

test("a failure names rule, expectation and sentence", () => {
  const [failure] = run(aCase("  expect: { verdict: allow }", frozen)).cases[0]?.failures ?? [];
  assert.match(failure ?? "", /^verdict: expected allow, got \w+: .*freeze-in-force/);
});

test("the report names the policies and codes that no case exercises", () => {
  const { coverage } = run(aCase("  expect: { absent: [frozen] }"));
  assert.deepEqual(coverage.policies, [
    { policy: "unused", cases: [] },
    { policy: "used", cases: ["c"] },
  ]);
  const freeze = coverage.rules.find(({ rule }) => rule === "freeze-in-force");
  assert.ok(freeze && freeze.seen.length === 1 && freeze.unseen.length > 0);
});

for (const [title, rest, expected] of [
  ["an unknown rule", "  expect: { findings: { no-such-rule: {} } }", /no rule no-such-rule/],
  ["a code that its rule never gives", "  expect: { findings: { artifact-known: { code: nope } } }", /no code nope/],
  ["an absent code that no rule gives", "  expect: { absent: [frosen] }", /No rule has the code frosen/],
  ["nothing that is expected", "  expect: {}", /expects nothing/],
  [
    "a state with a fault of its own",
    "  state: { artifacts: [{ service: cart, version: 1.0.0, digest: x }] }\n  expect: { verdict: deny }",
    /digest/,
  ],
] as const) {
  test(`a case with ${title} is refused with its place`, () => {
    const { problems } = checkSources([{ path: "f.yaml", text: folder + aCase(rest) }]);
    assert.equal(problems.length, 1);
    assert.match(problems[0]?.message ?? "", expected);
    assert.ok((problems[0]?.line ?? 0) > folder.split("\n").length);
  });
}

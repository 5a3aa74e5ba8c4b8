import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSources } from "#config/world.ts";

const services = ["a", "b", "c"].map(
  (name) => `kind: Service
metadata: { name: ${name} }
spec: { unit: u, team: t, tier: 1 }
`,
);
const environment = (name: string): string => `kind: Environment
metadata: { name: ${name} }
spec: { zone: UTC }
`;
const base = [...services, environment("prod-a"), environment("prod-b")];

function sequence(name: string, environments: string, ...releases: readonly string[]): string {
  const list = releases.map((release) => `    - { ${release} }\n`).join("");
  return `kind: Sequence\nmetadata: { name: ${name} }\nspec:\n  owner: t\n  environments: [${environments}]\n  releases:\n${list}`;
}

function problemsOf(...documents: readonly string[]): readonly (readonly [string, string])[] {
  const { problems } = checkSources([{ path: "all.yaml", text: [...base, ...documents].join("---\n") }]);
  return problems.filter(({ severity }) => severity === "error").map(({ code, message }) => [code, message]);
}

test("a circle inside a sequence is refused and named", () => {
  const circle = sequence(
    "one",
    "prod-a",
    "service: a, after: [c]",
    "service: b, after: [a]",
    "service: c, after: [b]",
  );
  assert.deepEqual(problemsOf(circle), [
    ["sequence-cycle", "Releases come after each other in a circle: one/a → one/c → one/b → one/a."],
  ]);
});

test("two sequences that contradict each other in one environment are refused", () => {
  const first = sequence("one", '"prod-*"', "service: a", "service: b, after: [a]");
  const second = sequence("two", "prod-a", "service: b", "service: a, after: [b]");
  const [found] = problemsOf(first, second);
  assert.equal(found?.[0], "sequence-cycle");
  assert.match(found?.[1] ?? "", /one\/b .*two\/a|two\/a .*one\/b|one\/a|two\/b/);
});

for (const [title, first, second] of [
  [
    "other versions",
    sequence("one", "prod-a", 'service: a, versions: "1.x"', 'service: b, versions: "1.x", after: [a]'),
    sequence("two", "prod-a", 'service: b, versions: "2.x"', 'service: a, versions: "2.x", after: [b]'),
  ],
  [
    "other environments",
    sequence("one", "prod-a", "service: a", "service: b, after: [a]"),
    sequence("two", "prod-b", "service: b", "service: a, after: [b]"),
  ],
] as const) {
  test(`two sequences of ${title} may turn an order round`, () => {
    assert.deepEqual(problemsOf(first, second), []);
  });
}

test("names that are repeated or unknown are refused where they stand", () => {
  const wrong = sequence("one", "prod-a", "service: a", "service: a, after: [x]");
  assert.deepEqual(
    problemsOf(wrong).map(([code]) => code),
    ["contradiction", "unknown-reference"],
  );
});

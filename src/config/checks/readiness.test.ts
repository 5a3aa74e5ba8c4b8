import assert from "node:assert/strict";
import { test } from "node:test";
import { checkDocuments } from "#config/organisation.ts";
import { parseSources } from "#config/source.ts";

const service = (name: string): string =>
  `kind: Service\nmetadata: { name: ${name} }\nspec: { unit: retail, team: web, tier: 1 }`;
const criteria = (checks: string): string =>
  `kind: Criteria\nmetadata: { name: c }\nspec: { scope: { services: ["shop*"], environments: ["prod"] }${checks} }`;

function warned(...texts: readonly string[]): readonly (string | null)[] {
  const { documents } = parseSources([{ path: "c.yaml", text: texts.join("\n---\n") }]);
  const { problems } = checkDocuments(documents);
  return problems.filter(({ code }) => code === "liveness-alone").map(({ document }) => document);
}

test("A service without a check of an outcome is warned of, once criteria are there at all", () => {
  const [shop, ledger] = [service("shop"), service("ledger")];
  assert.deepEqual(warned(shop, ledger), []);
  assert.deepEqual(warned(shop, ledger, criteria(", checks: [order-reaches-ledger]")), ["Service/ledger"]);
  assert.deepEqual(warned(shop, criteria("")), ["Service/shop"]);
});

for (const [title, spec, says] of [
  ["neither limit nor baseline", "source: own, query: errors-percent, worse: higher", /neither a limit/],
  [
    "weeks of the proxy",
    "source: own, query: errors-percent, worse: higher, against: [{ kind: former-weeks, percent: 90 }]",
    /keeps no former weeks/,
  ],
  [
    "weeks of one version",
    'source: prometheus, query: "m{v=\\"{version}\\"}", worse: lower, against: [{ kind: former-weeks, percent: 90 }]',
    /other versions/,
  ],
  ["a query that the proxy does not know", "source: own, query: cpu, worse: higher, limit: 1", /counts nothing/],
  ["another query of logs", "source: logs, query: lines, worse: higher, limit: 1", /new classes/],
  [
    "a day as its window",
    "source: own, query: errors-percent, worse: higher, limit: 1, window: P1D",
    /longer than an hour/,
  ],
] as const) {
  test(`A criterion with ${title} is refused, with what to mend`, () => {
    const text = `kind: Criteria\nmetadata: { name: c }\nspec: { scope: {}, criteria: [{ name: a, unit: x, ${spec} }] }`;
    const { documents, problems: reading } = parseSources([{ path: "c.yaml", text }]);
    assert.deepEqual(reading, []);
    const messages = checkDocuments(documents).problems.map(({ message }) => message);
    assert.ok(
      messages.some((message) => says.test(message)),
      messages.join(" "),
    );
  });
}

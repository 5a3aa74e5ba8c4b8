import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { checkSources } from "#config/world.ts";
import { clauseVariables, readClause } from "#core/policy/clause-variables.ts";
import {
  maxExpressionDepth,
  maxExpressionLength,
  maxExpressionNodes,
  maxExpressionSteps,
  maxListElements,
} from "#core/policy/expression.ts";
import { rules } from "#core/policy/registry.ts";

function pageOf(path: string): string {
  return readFileSync(new URL(`../../docs/${path}`, import.meta.url), "utf8");
}

const demands = pageOf("how-to/demands.md");
const clauses = pageOf("reference/clauses.md");

test("the policies of the page on demands are accepted as they stand", () => {
  const blocks = [...demands.matchAll(/```yaml\n([^`]*)```/g)].map(([, text]) => text ?? "");
  assert.equal(blocks.length, 2);
  const teams = ["platform", "operations"].map(
    (name) => `kind: Team\nmetadata: { name: ${name} }\nspec: { unit: it }\n`,
  );
  const unit = "kind: Unit\nmetadata: { name: it }\nspec: {}\n";
  const { problems } = checkSources([{ path: "a.yaml", text: [unit, ...teams, ...blocks].join("---\n") }]);
  assert.deepEqual(
    problems.filter(({ severity }) => severity === "error"),
    [],
  );
});

test("the page on demands links to rules that there are", () => {
  const linked = [...demands.matchAll(/\.\.\/rules\/([a-z-]+)\.md/g)].map(([, name]) => name ?? "");
  const known = new Set(rules.map(({ id }) => id));
  assert.ok(linked.length >= 11);
  for (const name of linked) assert.ok(known.has(name), name);
});

test("the page on clauses names every variable and every field", () => {
  for (const [name, shape] of Object.entries(clauseVariables)) {
    const names = typeof shape === "string" ? [name] : Object.keys(shape).map((field) => `${name}.${field}`);
    for (const one of names) assert.ok(clauses.includes(`\`${one}\``), one);
  }
});

test("the functions that the page on clauses offers can be called, and its limits are the limits", () => {
  const calls = [
    "size(service.tags) == 0",
    "has(figures.coverage)",
    '"a" in service.tags',
    'service.name.startsWith("a") || service.name.endsWith("b") || service.name.contains("c")',
    'service.name.lowerAscii().upperAscii().trim() == ""',
    'int("1") == 1 && double(1) == 1.0 && string(1) == "1"',
    'service.tags.all(t, t != "") && service.tags.exists(t, t == "") && service.tags.exists_one(t, t == "")',
    'service.tags.filter(t, t != "").map(t, t.size()).size() == 0',
    'satisfies(subject.version, "^1")',
  ];
  for (const call of calls) assert.ok(readClause(call).ok, call);
  const limits = [maxExpressionLength, maxExpressionNodes, maxExpressionDepth, maxListElements, maxExpressionSteps];
  for (const limit of limits) assert.ok(clauses.includes(limit.toLocaleString("en-GB")), String(limit));
});

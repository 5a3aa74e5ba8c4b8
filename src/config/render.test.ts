import assert from "node:assert/strict";
import { test } from "node:test";
import { renderProblems, renderProblemsJson } from "#config/render.ts";
import { checkSources } from "#config/world.ts";

const problemsOf = (text: string) => checkSources([{ path: "prod.yaml", text }]).problems;
const wrong = "kind: Environment\nmetadata: { name: prod }\nspec: { zone: Europe/Berln }\n";

test("a problem is shown with its place, the line with a caret and what to do", () => {
  assert.equal(
    renderProblems(problemsOf(wrong)),
    `prod.yaml:3:15: error: spec.zone: "Europe/Berln" is not an IANA zone known here. [unknown-zone]
    spec: { zone: Europe/Berln }
                  ^
    Did you mean "Europe/Berlin"?

1 error
`,
  );
});

test("errors and warnings are counted apart", () => {
  const freeze =
    "kind: Freeze\nmetadata: { name: f }\nspec: { scope: {}, strength: soft, zone: target, start: 2026-01-03T01:00, end: 05:00 }\n";
  assert.match(renderProblems(problemsOf(`${wrong}---\n${freeze}---\n${freeze}`)), /\n2 errors, 1 warning\n$/);
  assert.equal(renderProblems([]), "Nothing is wrong.\n");
});

test("a long line is cut around the place", () => {
  const [problem] = problemsOf(`kind: Unit\nmetadata: { name: a }\nspec: { ${"x".repeat(300)}: 0, y: 1 }\n`).slice(-1);
  const [line = "", caret = ""] = problem?.excerpt.split("\n") ?? [];
  assert.ok(line.length <= 102 && line.startsWith("… "));
  assert.equal(line[caret.indexOf("^")], "y");
});

test("programs get counts and all fields", () => {
  const answer: unknown = JSON.parse(renderProblemsJson(problemsOf(wrong)));
  assert.deepEqual(answer, {
    errors: 1,
    warnings: 0,
    problems: [
      {
        severity: "error",
        path: "prod.yaml",
        line: 3,
        column: 15,
        excerpt: "spec: { zone: Europe/Berln }\n              ^",
        code: "unknown-zone",
        message: 'spec.zone: "Europe/Berln" is not an IANA zone known here.',
        remedy: 'Did you mean "Europe/Berlin"?',
        document: "Environment/prod",
      },
    ],
  });
});

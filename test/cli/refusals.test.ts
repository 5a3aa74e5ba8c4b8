import assert from "node:assert/strict";
import { test } from "node:test";
import { wordsOf } from "#cli/problem.ts";
import { runInMemory } from "#test/cli/in-memory.ts";

const problem = {
  type: "",
  title: "The request is not valid",
  status: 400,
  code: "invalid-request",
  detail: "It is not.",
  requestId: "req_1",
};

test("members of a request are named as whoever wrote the command knows them, each on its line and once", () => {
  const problems = [
    { path: "body.service", message: "a name" },
    { path: "query.limit", message: "at most 200" },
  ];
  const expected =
    "The request is not valid: (invalid-request, request req_1)\n  service: a name\n  limit: at most 200";
  assert.equal(wordsOf({ ...problem, problems }), expected);
  assert.equal(wordsOf(problem), "The request is not valid: It is not. (invalid-request, request req_1)");
});

test("problems of a configuration look as in lint, wherever they were found", () => {
  const found = {
    severity: "error",
    path: "a.yaml",
    line: 3,
    column: 9,
    code: "unknown-zone",
    message: "No such zone.",
    remedy: "Write another.",
    excerpt: "zone: X\n      ^",
    document: "Environment/prod",
  };
  const words = wordsOf({ ...problem, status: 422, code: "invalid-configuration", problems: [found] });
  assert.match(words, /^a\.yaml:3:9: error: No such zone\. \[unknown-zone\]\n {4}zone: X/m);
  assert.match(words, /1 error/);
});

test("without a token the message says so and names every way to one; with a wrong one it says whose it was", async () => {
  const none = await runInMemory(null, ["whoami"]);
  assert.equal(none.code, 4);
  assert.match(none.said, /No token was sent\. Set TIDEGATE_TOKEN.*tidegate login.*issue-token/);
  const wrong = await runInMemory(`tgt_${"x".repeat(40)}`, ["whoami"]);
  assert.equal(wrong.code, 4);
  assert.match(wrong.said, /The token of TIDEGATE_TOKEN was sent\./);
});

test("with -o json a refusal is one JSON object on standard error, and nothing is on standard output", async () => {
  const refused = await runInMemory(null, ["whoami", "-o", "json"]);
  assert.equal(refused.out, "");
  const said: { readonly exit: number; readonly error: string; readonly problem: { readonly code: string } } =
    JSON.parse(refused.said);
  assert.equal(said.exit, 4);
  assert.equal(said.problem.code, "unauthenticated");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { aVerdict, fakeApi } from "#test/api/fakes.ts";
import { runInMemory } from "#test/cli/in-memory.ts";

test("the types of exemption say their longest time as people do", async () => {
  const api = fakeApi();
  const { out } = await runInMemory(api.tokens.viewer, ["exemption", "types"], api);
  assert.match(out, / 90 d /);
});

test("whoever opens an emergency is told at once what it still lacks, and who can add it", async () => {
  const api = fakeApi();
  const sentence = "The emergency EM-7 permits nothing: of its criteria nobody has confirmed users-affected.";
  const what = "Open a ticket that says all of it; the newest one counts.";
  const lacking = {
    rule: "emergency-permitted",
    ruleVersion: "1",
    outcome: "deny",
    code: "criteria-open",
    sentence,
    until: null,
    evidence: [],
    remedies: [{ kind: "change", who: "requester", what }],
  } as const;
  const asked: string[] = [];
  const operations: Partial<typeof api.deps.operations> = {
    askVerdict: async ({ subject }) => {
      asked.push(`${subject.class} ${subject.environment}`);
      return aVerdict({ subject, findings: [lacking] });
    },
  };
  Object.assign(api.deps.operations, operations);
  const ticket = ["--ticket", "INC-42", "--cause", "Checkout answers 500.", "--environment", "prod-emea"];
  const command = ["emergency", "open", "checkout-api", "5.0.1", ...ticket];
  const opened = await runInMemory(api.tokens.developer, command, api);
  assert.equal(opened.code, 0, opened.said);
  assert.match(opened.out, /^EM-7 /);
  assert.ok(opened.said.includes(`${sentence}\n  → requester: ${what}`), opened.said);
  assert.ok(asked.length > 0 && asked.every((one) => one.startsWith("emergency prod")), asked.join());
});

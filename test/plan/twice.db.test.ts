import assert from "node:assert/strict";
import { test } from "node:test";
import { callOf, openPlans } from "#test/plan/plane.ts";

const documents = `apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: talk }
spec:
  owner: checkout
  within: PT8H
  steps: [{ name: sign, timeout: PT1H, humanTask: { who: checkout, instruction: Sign. } }]
  rollback: [{ name: look, timeout: PT1H, humanTask: { who: checkout, instruction: Look. } }]
`;

test("One request that comes several times at the same time starts one run, and everybody is told which", async () => {
  await using plane = await openPlans(documents);
  const input = { runbook: "talk", reason: "It is planned.", owner: null, urgent: false };
  const started = await Promise.all(
    Array.from({ length: 5 }, () => plane.plans.startRun(input, callOf("olga", "key-1"))),
  );
  assert.ok(started.every(({ ok }) => ok));
  const told = new Set(started.map((each) => (each.ok ? each.value.run.id : JSON.stringify(each.error))));
  assert.equal(told.size, 1, [...told].join(", "));
});

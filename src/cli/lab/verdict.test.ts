import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { answerLine } from "#cli/lab/verdict.ts";

const documents = `
kind: Unit
metadata: { name: retail }
spec: {}
---
kind: Team
metadata: { name: checkout }
spec: { unit: retail }
---
kind: Service
metadata: { name: checkout-api }
spec: { unit: retail, team: checkout, tier: 1, dependsOn: [{ service: pricing-svc, kind: sync, versions: ">=3.2" }] }
---
kind: Service
metadata: { name: pricing-svc }
spec: { unit: retail, team: checkout, tier: 2 }
---
kind: Environment
metadata: { name: prod-emea }
spec: { zone: Europe/Berlin, protected: true, windows: required }
---
kind: Window
metadata: { name: weekend }
spec: { scope: {}, zone: target, start: 2026-01-03T01:00, rrule: FREQ=WEEKLY;BYDAY=SA, end: "05:00" }
---
kind: State
spec:
  deployed: [{ service: pricing-svc, version: 3.2.0, environment: prod-emea, since: 2026-01-10T00:00:00Z }]
`;
const question = {
  id: 1,
  documents,
  at: "2026-03-25T09:00[Europe/Berlin]",
  service: "checkout-api",
  version: "5.0.1",
  environment: "prod-emea",
};

const answered = z.object({
  id: z.number(),
  verdict: z.object({ verdict: z.string(), nextOpening: z.string().nullable(), at: z.string() }),
});

test("lab verdict judges a question over documents and a State", () => {
  const { verdict } = answered.parse(answerLine(question));
  assert.deepEqual(verdict, { verdict: "wait", nextOpening: "2026-03-28T00:00:00Z", at: "2026-03-25T08:00:00Z" });
});

test("documents may be a list, and the answer is the same", () => {
  const list = [
    { kind: "Unit", metadata: { name: "retail" }, spec: {} },
    { kind: "Team", metadata: { name: "checkout" }, spec: { unit: "retail" } },
    { kind: "Service", metadata: { name: "checkout-api" }, spec: { unit: "retail", team: "checkout", tier: 1 } },
    { kind: "Environment", metadata: { name: "prod-emea" }, spec: { zone: "Europe/Berlin" } },
  ];
  assert.equal(answered.parse(answerLine({ ...question, documents: list })).verdict.verdict, "allow");
});

test("documents that are wrong, a time without a zone and a line without a question are answered with an error", () => {
  const wrong = answerLine({ ...question, documents: "kind: Window\nmetadata: { name: w }\nspec: {}" });
  assert.ok(
    "error" in wrong && typeof wrong.error === "string" && /^\d+:\d+ /.test(wrong.error),
    JSON.stringify(wrong),
  );
  const local = answerLine({ ...question, at: "2026-03-25T09:00" });
  assert.ok("error" in local && /zone/.test(String(local.error)), JSON.stringify(local));
  assert.deepEqual(Object.keys(answerLine({ id: 9 })), ["id", "error"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { rollback } from "#config/kinds/rollback.ts";
import { checkSources } from "#config/world.ts";

const base = `kind: Service
metadata: { name: checkout-api }
spec: { unit: retail, team: checkout, tier: 1 }
---
kind: Service
metadata: { name: ledger-core }
spec: { unit: retail, team: checkout, tier: 1 }
---
kind: Team
metadata: { name: checkout }
spec: { unit: retail }
---
kind: Environment
metadata: { name: staging }
spec: { zone: UTC }
---
${["bob", "kemal", "finn", "gina"]
  .map(
    (name) => `kind: Person
metadata: { name: ${name} }
spec: { teams: [checkout], roles: [developer] }
`,
  )
  .join("---\n")}`;

function problemsOf(...documents: readonly string[]): readonly (readonly [string, string])[] {
  const { problems } = checkSources([{ path: "all.yaml", text: [base, ...documents].join("---\n") }]);
  return problems.filter(({ severity }) => severity === "error").map(({ code, message }) => [code, message]);
}

test("the example of the kind is read as it stands", () => {
  assert.deepEqual(problemsOf(`${rollback.example}\n`), []);
});

test("a second plan for the way back of a service is refused and names the first", () => {
  const second = rollback.example.replace("name: checkout-api", "name: other");
  const [found] = problemsOf(`${rollback.example}\n`, `${second}\n`);
  assert.equal(found?.[0], "contradiction");
  assert.match(found?.[1] ?? "", /checkout-api is planned in checkout-api as well|planned in other as well/);
});

for (const [title, from, to, code] of [
  ["a service that nobody declares", "service: ledger-core", "service: nobody", "unknown-reference"],
  ["a decider whom nobody knows", "decider: bob", "decider: zoe", "unknown-reference"],
  ["a message behind the end of the clock", "within: PT10M", "within: PT2M", "wrong-order"],
  ["downtime with nobody to ask", ", stakeholders: [{ who: finn, deputy: gina }]", "", "missing-field"],
] as const) {
  test(`${title} is refused`, () => {
    assert.ok(problemsOf(`${rollback.example.replace(from, to)}\n`).some(([found]) => found === code));
  });
}

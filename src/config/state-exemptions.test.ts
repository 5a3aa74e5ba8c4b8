import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSources, factsFrom } from "#config/world.ts";
import { evaluate } from "#core/policy/evaluate.ts";
import { rules } from "#core/policy/registry.ts";
import { aSubject, at, fakeHash } from "#core/testing.ts";

const text = (until: string): string => `
kind: Person
metadata: { name: gia }
spec: { roles: [compliance] }
---
kind: Person
metadata: { name: cat }
spec: { teams: [catalog] }
---
kind: Service
metadata: { name: catalog-web }
spec: { unit: retail, team: catalog, tier: 3 }
---
kind: Environment
metadata: { name: prod }
spec: { zone: Europe/Berlin, protected: true }
---
kind: Policy
metadata: { name: load }
spec: { level: central, owner: catalog, scope: {}, settings: { evidence: [{ kind: load-test }] } }
---
kind: State
spec:
  artifacts: [{ service: catalog-web, version: 1.0.0, digest: "sha256:aa" }]
  evidence: []
  exemptions:
    - id: EX-12
      rule: evidence-fresh
      codes: [evidence-missing]
      subjects: [load-test]
      scope: {}
      justification: no load test for catalog-web
      from: 2026-04-01T00:00:00Z
      until: ${until}
      requestedBy: cat
      approvedBy: [gia]
  debts:
    - { id: DB-1, kind: review, team: catalog, emergency: EM-1, dueAt: 2026-04-20T00:00:00Z }
`;

function judged(now: string): ReadonlyMap<string, string> {
  const { world, problems } = checkSources([{ path: "world.yaml", text: text("2026-05-01T00:00:00Z") }]);
  assert.ok(world !== null, JSON.stringify(problems));
  const subject = aSubject({ service: "catalog-web", version: "1.0.0", environment: "prod" });
  const facts = factsFrom(world, subject, at(now), at(now).add({ hours: 24 }));
  const { findings } = evaluate(rules, facts, { hash: fakeHash, zoneData: "any" });
  return new Map(findings.map(({ rule, outcome, code }) => [rule, `${outcome} ${code}`]));
}

test("a folder knows the exemptions and debts of its State, as of the instant asked about", () => {
  assert.equal(judged("2026-04-29T00:00Z").get("evidence-fresh"), "pass exempted");
  assert.equal(judged("2026-05-01T00:00Z").get("evidence-fresh"), "deny evidence-missing");
  assert.equal(judged("2026-04-10T00:00Z").get("debts-settled"), "pass debts-open");
  assert.equal(judged("2026-04-29T00:00Z").get("debts-settled"), "pass debts-overdue");
});

test("a type of exemption names a rule and codes that may be exempted, and controls that can be verified", () => {
  const type = `
kind: ExemptionType
metadata: { name: free-for-all }
spec:
  rule: global-stop
  codes: [stopped]
  scope: {}
  controls: [prayer]
  maxDuration: P30D
  renewals: 0
---
kind: ExemptionType
metadata: { name: no-failure }
spec:
  rule: evidence-fresh
  codes: [evidence-failed]
  scope: {}
  controls: []
  maxDuration: P30D
  renewals: 0
`;
  const { problems } = checkSources([{ path: "types.yaml", text: type }]);
  assert.deepEqual(
    problems.map(({ message }) => message),
    [
      "Nothing of the rule global-stop may be exempted.",
      "Nobody could verify the control prayer.",
      "The code evidence-failed of evidence-fresh may not be exempted.",
    ],
  );
});

import assert from "node:assert/strict";
import type { DeploymentId } from "#core/id.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import type { EvidenceRecord } from "#core/release/reports.ts";
import { bindExemption } from "#main/bind-exemption.ts";
import { digestOf, judge } from "#main/bind-operations.ts";
import type { ExemptionOperations } from "#usecases/exemption/exemption-operations.ts";
import { makeSubmitReport } from "#usecases/release/submit-report.ts";
import { beginRun } from "#usecases/rollout/begin-run.ts";
import { newId } from "#runtime/ids.ts";
import { callBy, openCalendarPlane, type CalendarPlane } from "#test/support/calendar-plane.ts";
import { aDigest } from "#test/support/store.ts";

/** Use cases over a database of their own, with what this capability adds. */
export interface ExemptionPlane extends CalendarPlane {
  readonly exemptions: ExemptionOperations;
  /** The verdict in force of a deployment. */
  readonly verdict: (id: DeploymentId) => Promise<Verdict>;
  readonly finding: (id: DeploymentId, rule: string) => Promise<string>;
  readonly sentence: (id: DeploymentId, rule: string) => Promise<string>;
  /** The first step of its run, as a worker takes it. */
  readonly begin: (id: DeploymentId) => Promise<boolean>;
  readonly apply: (yaml: string) => Promise<void>;
  readonly actions: () => Promise<readonly string[]>;
}

export const world = `
kind: Unit
metadata: { name: retail }
spec: {}
---
kind: Team
metadata: { name: checkout }
spec: { unit: retail }
---
kind: Team
metadata: { name: catalog }
spec: { unit: retail }
---
kind: Person
metadata: { name: ann }
spec: { teams: [checkout], roles: [developer, operator] }
---
kind: Person
metadata: { name: cat }
spec: { teams: [catalog], roles: [developer] }
---
kind: Person
metadata: { name: bob }
spec: { teams: [checkout], roles: [approver] }
---
kind: Person
metadata: { name: dana }
spec: { roles: [approver] }
---
kind: Person
metadata: { name: gia }
spec: { roles: [compliance] }
---
kind: Person
metadata: { name: liv }
spec: { roles: [release-manager] }
---
kind: Service
metadata: { name: checkout-api }
spec: { unit: retail, team: checkout, tier: 1 }
---
kind: Service
metadata: { name: catalog-web }
spec: { unit: retail, team: catalog, tier: 3, dependsOn: [{ service: checkout-api, kind: sync }] }
---
kind: Environment
metadata: { name: prod-emea }
spec: { zone: Europe/Berlin, region: emea, protected: true }
---
kind: Environment
metadata: { name: prod-apac }
spec: { zone: Asia/Singapore, region: apac, protected: true }
`;

export async function openExemptionPlane(yaml: string, now: Temporal.Instant): Promise<ExemptionPlane> {
  const plane = await openCalendarPlane(yaml, now);
  const { store, clock, operations } = plane;
  // What catalog-web needs is live everywhere.
  for (const environment of ["prod-emea", "prod-apac"]) {
    const live = { service: "checkout-api", environment, version: "0.9.0", digest: `sha256:${"0".repeat(64)}` };
    await store.transact((records) => records.inventory.record({ ...live, at: now, deployment: null }));
  }
  const verdict = async (id: DeploymentId): Promise<Verdict> => {
    const view = await store.views.deployment(id);
    assert.ok(view?.verdict);
    return view.verdict;
  };
  const found = async (id: DeploymentId, rule: string) => {
    const one = (await verdict(id)).findings.find((finding) => finding.rule === rule);
    assert.ok(one !== undefined, rule);
    return one;
  };
  const run = { now: () => clock.now, judge, digestOf };
  return {
    ...plane,
    exemptions: bindExemption(store.pool, store.transact, { now: () => clock.now, judge }),
    verdict,
    finding: async (id, rule) => {
      const { outcome, code } = await found(id, rule);
      return `${outcome} ${code}`;
    },
    sentence: async (id, rule) => (await found(id, rule)).sentence,
    begin: (id) =>
      store.transact(async (records) => {
        const begun = await beginRun(run, records, id);
        await records.locks.release(`environment:${(await records.deployments.find(id))?.subject.environment}`, id);
        return begun.go;
      }),
    apply: async (text) => {
      const input = { files: [{ path: "world.yaml", text }], mode: "apply" } as const;
      const applied = await operations.applyConfiguration(input, callBy("liv"));
      assert.ok(applied.ok, JSON.stringify(applied));
    },
    actions: async () => {
      const { items } = await store.views.audit({ object: null, action: null, limit: 200, cursor: null });
      return items.map(({ action, person, outcome }) => `${action} ${person} ${outcome}`).toReversed();
    },
  };
}

export async function supply(plane: ExemptionPlane, kind: string, change: Partial<EvidenceRecord> = {}): Promise<void> {
  const submit = makeSubmitReport({
    now: () => plane.clock.now,
    transact: plane.store.transact,
    newReportId: () => newId("report"),
    tellRun: async () => undefined,
  });
  const record = {
    digest: aDigest,
    kind,
    outcome: "pass",
    value: null,
    ruleSet: null,
    source: "ci",
    at: plane.clock.now,
    ref: null,
    ...change,
  } as const;
  assert.ok((await submit({ kind: "evidence", record }, callBy("ann"))).ok);
}

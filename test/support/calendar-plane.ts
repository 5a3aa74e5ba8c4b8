import assert from "node:assert/strict";
import type { DeploymentId } from "#core/id.ts";
import { admitDeps, bindOperations } from "#main/bind-operations.ts";
import type { Call, Operations } from "#usecases/operations.ts";
import { makeResumeNamed, makeResumeWaiting } from "#usecases/release/resume-waiting.ts";
import { aDigest, freshStore, type TestStore } from "#test/support/store.ts";

/** The use cases over a database of their own, with a clock that the test sets; runs are started by nobody. */
export interface CalendarPlane {
  readonly store: TestStore;
  readonly operations: Operations;
  readonly clock: { now: Temporal.Instant };
  /** One sweep over waiting work. */
  readonly sweep: () => Promise<number>;
  /** Of this work only, as far as it is due. */
  readonly sweepNamed: (ids: readonly DeploymentId[]) => Promise<number>;
  readonly request: (service: string, version: string, more?: Partial<RequestInput>) => Promise<DeploymentId>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

type RequestInput = Parameters<Operations["requestDeployment"]>[0];

export function callBy(person: string): Call {
  return { actor: { person, account: person, method: "token" }, requestId: "test" };
}

export async function openCalendarPlane(yaml: string, now: Temporal.Instant): Promise<CalendarPlane> {
  const store = await freshStore();
  const clock = { now };
  const deps = admitDeps(
    () => clock.now,
    async (_records, { id }) => id,
  );
  const operations = bindOperations(store.transact, deps, async () => undefined);
  const report = (_: DeploymentId, error: unknown): never => {
    throw error;
  };
  const input = { files: [{ path: "world.yaml", text: yaml }], mode: "apply" } as const;
  const applied = await operations.applyConfiguration(input, callBy("liv"));
  assert.ok(applied.ok, JSON.stringify(applied));
  return {
    store,
    operations,
    clock,
    sweep: makeResumeWaiting({ ...deps, transact: store.transact, report }),
    sweepNamed: makeResumeNamed({ ...deps, transact: store.transact, report }),
    async request(service, version, more = {}) {
      const artifact = { service, version, digest: aDigest, author: null };
      assert.ok((await operations.registerArtifact(artifact, callBy("ann"))).ok);
      const asked = { service, version, environment: "prod-emea", class: "normal", whenBlocked: "wait" } as const;
      const requested = await operations.requestDeployment({ ...asked, ...more }, callBy("ann"));
      assert.ok(requested.ok, JSON.stringify(requested));
      return requested.value;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/** The part of the sample world that time is about; windows and rotas come on top. */
export const sampleWorld = `
kind: Team
metadata: { name: checkout }
spec: { unit: retail }
---
kind: Team
metadata: { name: ledger }
spec: { unit: finance }
---
kind: Unit
metadata: { name: retail }
spec: {}
---
kind: Unit
metadata: { name: finance }
spec: {}
---
kind: Person
metadata: { name: ann }
spec: { teams: [checkout], roles: [developer] }
---
kind: Person
metadata: { name: bob }
spec: { teams: [checkout], roles: [developer] }
---
kind: Person
metadata: { name: cem }
spec: { roles: [operator] }
---
kind: Service
metadata: { name: checkout-api }
spec: { unit: retail, team: checkout, tier: 1, dependsOn: [{ service: ledger-core, kind: message }] }
---
kind: Service
metadata: { name: ledger-core }
spec: { unit: finance, team: ledger, tier: 1 }
---
kind: Environment
metadata: { name: prod-emea }
spec: { zone: Europe/Berlin, protected: true }
`;

import type { Facts } from "#core/policy/facts.ts";
import type { Subject } from "#core/policy/facts.ts";
import type { Report } from "#core/release/report.ts";
import { bindIntake } from "#main/bind-intake.ts";
import { manualClock, type ManualClock } from "#runtime/clock.ts";
import { applyDocuments } from "#store/configuration.ts";
import { transaction } from "#store/sql.ts";
import type { Call } from "#usecases/operations.ts";
import type { IntakeOperations } from "#usecases/release/intake-operations.ts";
import { documentsOf } from "#test/support/configuration.ts";
import { freshStore, noon, type TestStore } from "#test/support/store.ts";

/** checkout-api needs cart, cart needs ledger-core, which a vendor runs under; catalog-web needs none of them. */
export const organisation = documentsOf(`
kind: Unit
metadata: { name: retail }
spec: {}
---
kind: Unit
metadata: { name: books }
spec: {}
---
kind: Team
metadata: { name: web }
spec: { unit: retail }
---
kind: Person
metadata: { name: ann }
spec: { teams: [web], roles: [developer], accounts: [{ name: ann, kind: human }, { name: ann-ci, kind: bot }] }
---
kind: Person
metadata: { name: oli }
spec: { teams: [web], roles: [operator], accounts: [{ name: oli, kind: human }] }
---
kind: Person
metadata: { name: cleo }
spec: { teams: [], roles: [compliance], accounts: [{ name: cleo, kind: human }] }
---
kind: Vendor
metadata: { name: cloud }
spec: {}
---
kind: Service
metadata: { name: ledger-core }
spec: { unit: books, team: web, tier: 1, dependsOn: [{ service: cloud, kind: external }] }
---
kind: Service
metadata: { name: cart }
spec: { unit: retail, team: web, tier: 2, dependsOn: [{ service: ledger-core, kind: sync }] }
---
kind: Service
metadata: { name: checkout-api }
spec: { unit: retail, team: web, tier: 1, dependsOn: [{ service: cart, kind: sync }] }
---
kind: Service
metadata: { name: catalog-web }
spec: { unit: retail, team: web, tier: 3 }
---
kind: Environment
metadata: { name: prod }
spec: { zone: Europe/Berlin, region: emea, windows: optional }
---
kind: Environment
metadata: { name: prod-us }
spec: { zone: America/New_York, region: us, windows: optional }
`);

export const digest = `sha256:${"d".repeat(64)}`;

/** Intake as the server binds it, on PostgreSQL and a clock that one sets. */
export interface IntakePlane {
  readonly store: TestStore;
  readonly clock: ManualClock;
  readonly intake: IntakeOperations;
  /** Submits; throws what was refused. */
  readonly report: (
    report: Report,
  ) => Promise<{ readonly id: string; readonly recorded: boolean; readonly counts: boolean }>;
  readonly facts: (about?: Partial<Subject>, at?: Temporal.Instant) => Promise<Facts>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export const callOf = (person: string, account = person): Call => ({
  actor: { person, account, method: "token" },
  requestId: "req-test",
});

export async function openIntake(documents = organisation): Promise<IntakePlane> {
  const store = await freshStore();
  await transaction(store.pool, (client) => applyDocuments(client, { documents, at: noon, by: "ann" }));
  await store.transact((records) =>
    records.artifacts.register({
      service: "checkout-api",
      version: "1.0.0",
      digest,
      author: "ann",
      registeredAt: noon,
    }),
  );
  const clock = manualClock(noon);
  const intake = bindIntake(store.pool, store.transact, clock.now, async () => undefined);
  return {
    store,
    clock,
    intake,
    report: async (report) => {
      const taken = await intake.submitReport(report, callOf("ann", "ann-ci"));
      if (!taken.ok) throw new Error(JSON.stringify(taken.error));
      return taken.value;
    },
    facts: (about = {}, at = clock.now()) => {
      const subject: Subject = {
        service: "checkout-api",
        version: "1.0.0",
        environment: "prod",
        action: "deploy",
        class: "normal",
        invoker: "person",
        requestedBy: "ann",
        contentDigest: null,
        onBehalfOf: null,
        ...about,
      };
      return store.transact((records) => records.facts.load(subject, at, at.add({ hours: 24 * 60 })));
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

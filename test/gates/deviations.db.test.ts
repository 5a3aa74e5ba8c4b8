import assert from "node:assert/strict";
import { test } from "node:test";
import { bindExemption } from "#main/bind-exemption.ts";
import { judge } from "#main/bind-operations.ts";
import type { ExemptionOperations } from "#usecases/exemption/exemption-operations.ts";
import { documentsOf } from "#test/support/configuration.ts";
import { callOf, codeOf, night, open, openGates, redeemed, type GatePlane } from "#test/gates/plane.ts";

const demands = [
  ...open,
  ...documentsOf(`apiVersion: tidegate.dev/v1
kind: Person
metadata: { name: gia }
spec: { roles: [compliance] }
---
apiVersion: tidegate.dev/v1
kind: Policy
metadata: { name: load }
spec:
  level: central
  owner: checkout
  scope: {}
  settings: { evidence: [{ kind: load-test }] }
---
apiVersion: tidegate.dev/v1
kind: ExemptionType
metadata: { name: no-load-test }
spec: { rule: evidence-fresh, codes: [evidence-missing], scope: {}, controls: [], maxDuration: P90D, renewals: 0 }`),
];

function deviationsOf(plane: GatePlane): ExemptionOperations {
  return bindExemption(plane.store.pool, plane.transact, { now: plane.clock.now, judge });
}

async function exempt(plane: GatePlane, deviations: ExemptionOperations): Promise<string> {
  const requested = await deviations.requestExemption(
    {
      type: "no-load-test",
      scope: { services: ["checkout-api"] },
      subjects: [],
      controls: [],
      justification: "no load generator",
      from: null,
      until: plane.clock.now().add({ hours: 48 }),
      renews: null,
    },
    callOf("bob"),
  );
  assert.ok(requested.ok, JSON.stringify(requested));
  const { id } = requested.value.exemption;
  assert.ok((await deviations.approveExemption({ id }, callOf("gia", "gia"))).ok);
  return id;
}

async function usesOf(deviations: ExemptionOperations): Promise<readonly string[]> {
  const { uses } = await deviations.register();
  return uses.map(({ deviation, gate, person, version }) => `${deviation} ${gate} ${person} ${version}`);
}

test("a redemption that an exemption lets through is counted with it, once, and questions are not", async () => {
  await using plane = await openGates({ documents: demands });
  const deviations = deviationsOf(plane);
  const id = await exempt(plane, deviations);
  const asked = await plane.ask();
  assert.ok(asked.token !== null);
  assert.deepEqual(await usesOf(deviations), [], "a token alone is no start");
  redeemed(await plane.redeem(asked));
  assert.equal(codeOf(await plane.redeem(asked)), "token-used");
  assert.deepEqual(await usesOf(deviations), [`${id} start alice 1.0.0`]);
});

test("a redemption that is refused counts nothing", async () => {
  await using plane = await openGates({ documents: demands });
  const deviations = deviationsOf(plane);
  const id = await exempt(plane, deviations);
  const asked = await plane.ask();
  assert.ok((await deviations.revokeExemption({ id, reason: "It was a mistake." }, callOf("gia", "gia"))).ok);
  assert.equal(codeOf(await plane.redeem(asked)), "not-allowed");
  assert.deepEqual(await usesOf(deviations), []);
});

test("an emergency that a pipeline carries out owes from its redemption on", async () => {
  await using plane = await openGates({ documents: open });
  plane.clock.advance(Temporal.Duration.from({ hours: 8 }));
  assert.ok(Temporal.Instant.compare(plane.clock.now(), night) >= 0);
  const deviations = deviationsOf(plane);
  const input = { service: "checkout-api", version: "1.0.0", environments: ["prod"], criteria: [], passesFreezes: [] };
  const opened = await deviations.openEmergency(
    { ...input, ticket: "INC-42", cause: "It answers 500." },
    callOf("alice"),
  );
  assert.ok(opened.ok);
  const { id } = opened.value.ticket;
  assert.ok((await deviations.approveEmergency({ id }, callOf("bob"))).ok);
  const asked = await plane.ask({ class: "emergency" });
  assert.deepEqual(await deviations.listDebts({ team: null, emergency: id, show: "all", limit: 10 }), []);
  redeemed(await plane.redeem(asked));
  const owed = await deviations.listDebts({ team: null, emergency: id, show: "all", limit: 10 });
  assert.deepEqual(owed.map(({ kind }) => kind).toSorted(), ["back-merge", "review"]);
});

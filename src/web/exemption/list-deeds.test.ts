import assert from "node:assert/strict";
import { test } from "node:test";
import { debtDeeds, emergencyDeeds, exemptionDeeds } from "#web/exemption/list-deeds.ts";

const viewer = { person: "gia", permissions: ["exemption.approve", "emergency.approve", "debt.pay"] };
const asks = (deeds: readonly { readonly ask: string }[]): readonly string[] => deeds.map(({ ask }) => ask);

test("An exemption is approved or rejected by those who may, and revoked once it is granted", () => {
  const asked = { state: "requested", requestedBy: "ann" } as const;
  assert.deepEqual(asks(exemptionDeeds(asked, viewer)), ["approve-exemption", "revoke-exemption"]);
  assert.deepEqual(asks(exemptionDeeds({ ...asked, requestedBy: "gia" }, viewer)), ["revoke-exemption"]);
  assert.deepEqual(asks(exemptionDeeds({ ...asked, state: "in-force" }, viewer)), ["revoke-exemption"]);
  assert.deepEqual(asks(exemptionDeeds({ ...asked, state: "ended" }, viewer)), []);
  assert.deepEqual(asks(exemptionDeeds(asked, { ...viewer, permissions: [] })), []);
  assert.deepEqual(asks(exemptionDeeds(asked, undefined)), []);
});

test("An emergency is approved by others, each once", () => {
  const opened = { state: "opened", openedBy: "ann", approvals: [] } as const;
  assert.deepEqual(asks(emergencyDeeds(opened, viewer)), ["approve-emergency"]);
  assert.deepEqual(asks(emergencyDeeds({ ...opened, openedBy: "gia" }, viewer)), []);
  const approvals = [{ person: "gia", at: "2026-03-25T08:00:00Z", onDuty: true }];
  assert.deepEqual(asks(emergencyDeeds({ ...opened, approvals }, viewer)), []);
  assert.deepEqual(asks(emergencyDeeds({ ...opened, state: "permitted" }, viewer)), []);
});

test("A debt is paid while it is owed, a review by those who may approve emergencies", () => {
  assert.deepEqual(asks(debtDeeds({ state: "overdue", kind: "review" }, viewer)), ["pay-debt"]);
  assert.deepEqual(asks(debtDeeds({ state: "paid", kind: "review" }, viewer)), []);
  const payer = { person: "ann", permissions: ["debt.pay"] };
  assert.deepEqual(asks(debtDeeds({ state: "open", kind: "review" }, payer)), []);
  assert.deepEqual(asks(debtDeeds({ state: "open", kind: "back-merge" }, payer)), ["pay-debt"]);
});

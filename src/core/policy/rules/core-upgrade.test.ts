import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "#core/policy/facts.ts";
import { coreUpgrade } from "#core/policy/rules/core-upgrade.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { aService, aSubject, at, someFacts } from "#core/testing.ts";
import { aPolicy, hours } from "#core/testing-demands.ts";

const environment = "prod-emea";
const policies = [aPolicy({ coreUpgrades: { services: ["ledger-*"], soak: hours(4), criticalTiers: [0, 1] } })];
const upstream = [{ service: "ledger-core", tier: 0, path: ["pricing", "ledger-core"] }];
const deployed = [{ service: "ledger-core", version: "8.4.0", environment, since: at("2026-01-01T00:00Z") }];

// Saturday 28 March in Berlin, 01:00 to 03:00 local.
function booked(version: string, service = "ledger-core") {
  return { id: "bkg_9", service, version, environment, from: at("2026-03-28T00:00Z"), to: at("2026-03-28T02:00Z") };
}

function judged(overrides: Partial<Facts>, now = "2026-03-28T00:30Z"): string {
  const facts = someFacts({ policies, upstream, deployed, bookings: [booked("9.0.0")], ...overrides });
  const { outcome, code } = valueAt(coreUpgrade.judge(facts), at(now));
  return `${outcome} ${code}`;
}

for (const [title, overrides, expected] of [
  ["defers what is not critical", {}, "wait core-upgrade-booked"],
  ["lets a critical tier pass with a notice", { service: aService({ tier: 1 }) }, "pass core-upgrade-noted"],
  ["is silent when no policy names core services", { policies: [] }, "not-applicable no-core-services"],
  ["lets a minor upgrade pass", { bookings: [booked("8.5.0")] }, "pass no-core-upgrade"],
  ["takes what cannot be compared for a major one", { bookings: [booked("newest")] }, "wait core-upgrade-booked"],
  ["takes a first deployment for a major one", { deployed: [] }, "wait core-upgrade-booked"],
  ["does not wait for what it does not need", { upstream: [] }, "pass no-core-upgrade"],
  [
    "does not wait for what is no core service",
    { upstream: [{ service: "mail", tier: 3, path: ["mail"] }], bookings: [booked("9.0.0", "mail")] },
    "pass no-core-upgrade",
  ],
  ["lets what goes back through", { subject: aSubject({ action: "roll-back" }) }, "not-applicable goes-back"],
  ["cannot judge an unknown service", { service: null }, "unknown scope-unknown"],
] as const) {
  test(`core-upgrade ${title}`, () => assert.equal(judged(overrides), expected));
}

for (const [now, expected] of [
  ["2026-03-27T22:59:59Z", "pass no-core-upgrade"],
  ["2026-03-27T23:00Z", "wait core-upgrade-booked"],
  ["2026-03-28T05:59:59Z", "wait core-upgrade-booked"],
  ["2026-03-28T06:00Z", "pass no-core-upgrade"],
] as const) {
  test(`from the beginning of its local day to the end of its soak: at ${now} it is a ${expected.split(" ")[0]}`, () =>
    assert.equal(judged({}, now), expected));
}

test("the sentence names the upgrade, its time and the way to it, and who could move it", () => {
  const facts = someFacts({ policies, upstream, deployed, bookings: [booked("9.0.0")] });
  const judgement = valueAt(coreUpgrade.judge(facts), at("2026-03-28T00:30Z"));
  assert.equal(
    judgement.sentence,
    "ledger-core 9.0.0 is booked on Sat 28 Mar 2026 01:00 Europe/Berlin (2026-03-28T00:00Z), and soaks until " +
      "Sat 28 Mar 2026 07:00 Europe/Berlin (2026-03-28T06:00Z); needed by cart → pricing → ledger-core.",
  );
  assert.deepEqual("remedies" in judgement && judgement.remedies.map(({ who, what }) => [who, what]), [
    ["nobody", "Wait until Sat 28 Mar 2026 07:00 Europe/Berlin (2026-03-28T06:00Z)."],
    ["owner of ledger-core", "Move or cancel the booking of ledger-core 9.0.0."],
  ]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "#core/policy/facts.ts";
import { dependencyDegraded } from "#core/policy/rules/dependency-degraded.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { aSubject, at, someFacts } from "#core/testing.ts";
import { aPolicy, aSignal, hours } from "#core/testing-demands.ts";

const upstream = [
  { service: "pricing", tier: 1, path: ["pricing"] },
  { service: "ledger-core", tier: 0, path: ["pricing", "ledger-core"] },
  { service: "payco", tier: null, path: ["payco"] },
];

function judged(overrides: Partial<Facts>, now = "2026-03-25T08:00Z"): string {
  const { outcome, code } = valueAt(dependencyDegraded.judge(someFacts({ upstream, ...overrides })), at(now));
  return `${outcome} ${code}`;
}

const recovered = aSignal("ledger-core", { status: "ok", clearedFrom: "degraded", since: at("2026-03-25T07:55Z") });

for (const [title, overrides, expected] of [
  ["passes while nobody complains", {}, "pass upstream-ok"],
  [
    "is silent for a service that needs no other",
    { upstream: [], signals: [aSignal("mail")] },
    "not-applicable no-upstream",
  ],
  ["holds for what is degraded two steps away", { signals: [aSignal("ledger-core")] }, "hold upstream-degraded"],
  [
    "holds for a vendor",
    { signals: [aSignal("payco", { environment: null, status: "outage" })] },
    "hold upstream-degraded",
  ],
  ["does not hold for a stranger", { signals: [aSignal("mail")] }, "pass upstream-ok"],
  ["does not hold for itself: the change may repair it", { signals: [aSignal("cart")] }, "pass upstream-ok"],
  [
    "does not hold for another environment",
    { signals: [aSignal("pricing", { environment: "dev" })] },
    "pass upstream-ok",
  ],
  [
    "does not take the unknown for ok",
    { signals: [aSignal("pricing", { status: "unknown" })] },
    "unknown upstream-unknown",
  ],
  ["waits while one recovers", { signals: [recovered] }, "wait upstream-recovering"],
  [
    "does not wait for what was never anything but ok",
    { signals: [aSignal("pricing", { status: "ok", since: at("2026-03-25T07:59Z") })] },
    "pass upstream-ok",
  ],
  [
    "holds while one recovers and another is degraded",
    { signals: [recovered, aSignal("pricing")] },
    "hold upstream-degraded",
  ],
  [
    "lets what goes back through",
    { signals: [aSignal("pricing")], subject: aSubject({ action: "roll-back" }) },
    "not-applicable goes-back",
  ],
  ["cannot judge an unknown service", { service: null }, "unknown scope-unknown"],
] as const) {
  test(`dependency-degraded ${title}`, () => assert.equal(judged(overrides), expected));
}

test("the hold lifts after ten minutes of ok, and at that instant", () => {
  assert.equal(judged({ signals: [recovered] }, "2026-03-25T08:04:59Z"), "wait upstream-recovering");
  assert.equal(judged({ signals: [recovered] }, "2026-03-25T08:05Z"), "pass upstream-ok");
});

test("a policy may ask for longer", () => {
  const policies = [aPolicy({ signals: { okFor: hours(1) } })];
  assert.equal(judged({ policies, signals: [recovered] }, "2026-03-25T08:54:59Z"), "wait upstream-recovering");
  assert.equal(judged({ policies, signals: [recovered] }, "2026-03-25T08:55Z"), "pass upstream-ok");
});

test("the finding names the event and the way to it", () => {
  const signals = [aSignal("ledger-core", { event: "statuspage INC-7" })];
  const facts = someFacts({ upstream, signals });
  const judgement = valueAt(dependencyDegraded.judge(facts), facts.at);
  assert.equal(
    judgement.sentence,
    "ledger-core is degraded in prod-emea since Wed 25 Mar 2026 08:00 Europe/Berlin (2026-03-25T07:00Z) " +
      "(statuspage INC-7); needed by cart → pricing → ledger-core.",
  );
  assert.deepEqual("remedies" in judgement && judgement.remedies, [
    { kind: "clear-signal", who: "owner of ledger-core", what: "Bring ledger-core back to ok for 10 min." },
  ]);
});

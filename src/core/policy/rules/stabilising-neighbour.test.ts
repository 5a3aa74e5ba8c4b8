import assert from "node:assert/strict";
import { test } from "node:test";
import type { EmergencyTicket } from "#core/exemption/emergency.ts";
import type { Facts } from "#core/policy/facts.ts";
import { stabilisingNeighbour } from "#core/policy/rules/stabilising-neighbour.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { anArtifact, aService, aSubject, at, someFacts } from "#core/testing.ts";
import { aPolicy, hours } from "#core/testing-demands.ts";

const policies = [aPolicy({ stabilisation: { lasts: hours(2) } })];
const service = aService({ dependsOn: [{ on: "pricing", kind: "sync", versions: null }] });
const dependants = [aService({ name: "web", dependsOn: [{ on: "cart", kind: "sync", versions: null }] })];

function live(name: string, since: string, environment = "prod-emea") {
  return { service: name, version: "2.0.0", environment, since: at(since) };
}

function judged(overrides: Partial<Facts>, now = "2026-03-25T08:00Z"): string {
  const facts = someFacts({ policies, service, dependants, ...overrides });
  const { outcome, code } = valueAt(stabilisingNeighbour.judge(facts), at(now));
  return `${outcome} ${code}`;
}

const fresh = [live("pricing", "2026-03-25T07:00Z")];

for (const [title, overrides, expected] of [
  ["is silent when no policy asks", { policies: [], deployed: fresh }, "not-applicable no-stabilisation-demanded"],
  ["waits for what it depends on", { deployed: fresh }, "wait neighbour-stabilising"],
  ["waits for what depends on it", { deployed: [live("web", "2026-03-25T07:00Z")] }, "wait neighbour-stabilising"],
  ["does not wait for a stranger", { deployed: [live("mail", "2026-03-25T07:00Z")] }, "pass neighbours-stable"],
  ["does not wait for itself", { deployed: [live("cart", "2026-03-25T07:00Z")] }, "pass neighbours-stable"],
  [
    "does not wait for another place",
    { deployed: [live("pricing", "2026-03-25T07:00Z", "dev")] },
    "pass neighbours-stable",
  ],
  [
    "lets what goes back through",
    { deployed: fresh, subject: aSubject({ action: "roll-back" }) },
    "not-applicable goes-back",
  ],
  ["takes what is listed nowhere for fine", { deployed: "assumed" }, "not-applicable inventory-assumed"],
  ["cannot judge what cannot be read", { deployed: "unknown" }, "unknown inventory-unknown"],
  ["cannot judge an unknown service", { service: null }, "unknown scope-unknown"],
] as const) {
  test(`stabilising-neighbour ${title}`, () => assert.equal(judged(overrides), expected));
}

test("a neighbour is stable from the instant at which its time is over", () => {
  assert.equal(judged({ deployed: fresh }, "2026-03-25T08:59:59Z"), "wait neighbour-stabilising");
  assert.equal(judged({ deployed: fresh }, "2026-03-25T09:00Z"), "pass neighbours-stable");
});

test("a booked neighbour counts from its start to the end of its stabilisation", () => {
  const bookings = [
    {
      id: "bkg_1",
      service: "pricing",
      version: "3.0.0",
      environment: "prod-emea",
      from: at("2026-03-25T12:00Z"),
      to: at("2026-03-25T13:00Z"),
    },
  ];
  assert.equal(judged({ bookings }, "2026-03-25T11:59Z"), "pass neighbours-stable");
  assert.equal(judged({ bookings }, "2026-03-25T12:00Z"), "wait neighbour-stabilising");
  assert.equal(judged({ bookings }, "2026-03-25T15:00Z"), "pass neighbours-stable");
});

test("the sentence names the neighbour and when it is stable", () => {
  const facts = someFacts({ policies, service, deployed: fresh });
  assert.equal(
    valueAt(stabilisingNeighbour.judge(facts), facts.at).sentence,
    "A neighbour is stabilising: pricing 2.0.0 until Wed 25 Mar 2026 10:00 Europe/Berlin (2026-03-25T09:00Z).",
  );
});

const day = [aPolicy({ stabilisation: { lasts: hours(24), own: true } })];
const own = [live("cart", "2026-03-25T02:00Z")];

test("with a day for the service itself, a normal change at the sixth hour waits until its end", () => {
  const facts = someFacts({ policies: day, service, deployed: own });
  assert.equal(judged({ policies: day, deployed: own }), "wait neighbour-stabilising");
  assert.match(
    valueAt(stabilisingNeighbour.judge(facts), facts.at).sentence,
    /^It is stabilising itself: cart 2\.0\.0/,
  );
  assert.equal(judged({ policies: day, deployed: own }, "2026-03-26T01:59Z"), "wait neighbour-stabilising");
  assert.equal(judged({ policies: day, deployed: own }, "2026-03-26T02:00Z"), "pass neighbours-stable");
  assert.equal(
    judged({ policies: day, deployed: own, subject: aSubject({ action: "roll-back" }) }),
    "not-applicable goes-back",
  );
});

test("an emergency with permission does not wait, and what it passes is said", () => {
  const artifact = anArtifact({ service: "cart" });
  const emergency: EmergencyTicket = {
    id: "EM-7",
    ticket: "INC-1",
    cause: "Orders fail.",
    team: "web",
    criteria: [],
    impact: null,
    service: "cart",
    version: artifact.version,
    digest: artifact.digest,
    environments: ["prod-emea"],
    openedAt: at("2026-03-25T06:00Z"),
    openedBy: "ann",
    until: at("2026-03-25T12:00Z"),
    passesFreezes: [],
    approvedBy: [],
  };
  const subject = aSubject({ class: "emergency", version: artifact.version });
  const overrides = { policies: day, deployed: own, artifact, emergency, subject };
  assert.equal(judged(overrides), "pass emergency-lane");
  assert.equal(judged(overrides, "2026-03-25T12:00Z"), "wait neighbour-stabilising");
  assert.equal(judged({ ...overrides, emergency: null }), "wait neighbour-stabilising");
});

test("a stabilisation that was prolonged prolongs the wait, whatever the policy asks for", () => {
  const prolonged = [{ ...live("pricing", "2026-03-25T02:00Z"), stabilisingUntil: at("2026-03-25T09:30Z") }];
  const facts = someFacts({ policies, service, dependants, deployed: prolonged });
  const found = valueAt(stabilisingNeighbour.judge(facts), facts.at);
  assert.equal(
    found.sentence,
    "A neighbour is stabilising: pricing 2.0.0 until Wed 25 Mar 2026 10:30 Europe/Berlin (2026-03-25T09:30Z).",
  );
  assert.match(found.evidence?.[0]?.text ?? "", /its stabilisation was prolonged$/);
  assert.equal(judged({ deployed: prolonged }, "2026-03-25T09:29:59Z"), "wait neighbour-stabilising");
  assert.equal(judged({ deployed: prolonged }, "2026-03-25T09:30Z"), "pass neighbours-stable");
  const ended = [{ ...live("pricing", "2026-03-25T02:00Z"), stabilisingUntil: at("2026-03-25T03:00Z") }];
  assert.equal(judged({ deployed: ended }), "pass neighbours-stable", "who ends it ends the wait");
  const itself = [{ ...live("cart", "2026-03-25T02:00Z"), stabilisingUntil: at("2026-03-25T09:30Z") }];
  assert.equal(judged({ deployed: itself }), "pass neighbours-stable", "its own counts where a policy says so");
});

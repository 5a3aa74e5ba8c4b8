import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "#core/policy/facts.ts";
import type { Judgement } from "#core/policy/finding.ts";
import { sequenceFollowed } from "#core/policy/rules/sequence-followed.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { aSubject, at, someFacts } from "#core/testing.ts";

const environment = "prod-emea";
const hours = (count: number): Temporal.Duration => Temporal.Duration.from({ hours: count });
const sequence = {
  name: "new-ledger",
  owner: "payments",
  environments: ["prod-*"],
  releases: [
    { name: "ledger", service: "ledger-core", versions: ">=4.2.0 <5", after: [], soak: hours(24) },
    { name: "pricing", service: "pricing", versions: ">=3.3.0", after: ["ledger"], soak: hours(2) },
    { name: "cart", service: "cart", versions: ">=1.1.0", after: ["pricing"], soak: hours(0) },
  ],
};
const live = (service: string, version: string, since: string) => ({ service, version, environment, since: at(since) });
const booking = (service: string, version: string, from: string, to: string) => ({
  id: null,
  service,
  version,
  environment,
  from: at(from),
  to: at(to),
});
const before = [
  live("ledger-core", "4.2.0", "2026-03-20T00:00Z"),
  live("pricing", "3.3.0", "2026-03-22T00:00Z"),
] as const;

function judged(overrides: Partial<Facts>, moment = "2026-03-25T08:00Z"): Judgement {
  return valueAt(sequenceFollowed.judge(someFacts({ sequences: [sequence], ...overrides })), at(moment));
}

test("sequence-followed passes when all that goes before is live and has stabilised", () => {
  assert.equal(judged({ deployed: before }).outcome, "pass");
});

for (const [title, subject] of [
  ["the first release waits for nobody", { service: "ledger-core", version: "4.2.0" }],
  ["a version outside of the range is no release of the sequence", { version: "1.0.9" }],
  ["going back does not wait", { action: "roll-back" }],
] as const) {
  test(`sequence-followed does not apply: ${title}`, () => {
    assert.equal(judged({ subject: aSubject(subject) }).outcome, "not-applicable");
  });
}

test("what begins before anything upstream is live is denied, with all that is missing", () => {
  const judgement = judged({ deployed: [] });
  assert.equal(judgement.outcome, "deny");
  assert.equal(judgement.code, "upstream-missing");
  assert.equal(
    judgement.sentence,
    "Upstream ledger (ledger-core >=4.2.0 <5) of the sequence new-ledger is not live in prod-emea; no deployment is booked; " +
      "upstream pricing (pricing >=3.3.0) of the sequence new-ledger is not live in prod-emea; no deployment is booked.",
  );
  assert.deepEqual("remedies" in judgement && judgement.remedies.map(({ what }) => what), [
    "Deploy ledger-core >=4.2.0 <5 to prod-emea and let it soak 1 d.",
    "Deploy pricing >=3.3.0 to prod-emea and let it soak 2 h.",
  ]);
});

test("a version of before the sequence is not the release", () => {
  const deployed = [before[0], live("pricing", "3.2.9", "2026-01-01T00:00Z")];
  assert.equal(judged({ deployed }).code, "upstream-missing");
});

test("a booked upstream lets through from the end of its soak", () => {
  const facts = {
    deployed: [before[0]],
    bookings: [booking("pricing", "3.3.0", "2026-03-26T00:00Z", "2026-03-26T01:00Z")],
  };
  for (const [moment, code] of [
    ["2026-03-25T08:00Z", "upstream-booked"],
    ["2026-03-26T00:30Z", "upstream-booked"],
    ["2026-03-26T01:00Z", "upstream-soaking"],
    ["2026-03-26T02:59Z", "upstream-soaking"],
    ["2026-03-26T03:00Z", "sequence-followed"],
  ] as const) {
    assert.equal(judged(facts, moment).code, code, moment);
  }
});

test("an upstream that came back holds everything behind it, whatever lies between is live", () => {
  const facts = {
    deployed: [live("ledger-core", "4.1.0", "2026-03-25T06:00Z"), before[1]],
    setbacks: [{ service: "ledger-core", version: "4.2.0", environment, at: at("2026-03-25T06:00Z") }],
  };
  const held = judged(facts);
  assert.deepEqual([held.outcome, held.code], ["hold", "upstream-back"]);
  assert.match(
    held.sentence,
    /^Upstream ledger .* did not stay in prod-emea: 4\.2\.0 came back on .*no deployment is booked/,
  );
  const redone = [booking("ledger-core", "4.2.1", "2026-03-26T00:00Z", "2026-03-26T01:00Z")];
  const planned = judged({ ...facts, bookings: redone });
  assert.equal(planned.outcome, "hold", "somebody has to bring it again, and that may fail");
  assert.match(planned.sentence, /4\.2\.1 is booked until .* and has soaked on Fri 27 Mar 2026/);
  assert.equal(judged({ ...facts, bookings: redone }, "2026-03-27T01:00Z").outcome, "pass");
  const live421 = [live("ledger-core", "4.2.1", "2026-03-24T00:00Z"), before[1]];
  assert.equal(judged({ ...facts, deployed: live421 }).outcome, "pass", "redone and soaked");
});

test("a booked roll-back upstream closes the time behind it", () => {
  const bookings = [booking("pricing", "3.2.0", "2026-03-26T00:00Z", "2026-03-26T01:00Z")];
  assert.equal(judged({ deployed: before, bookings }).outcome, "pass");
  assert.equal(judged({ deployed: before, bookings }, "2026-03-26T01:00Z").code, "upstream-missing");
});

test("the strongest of several answers speaks for all", () => {
  const deployed = [live("ledger-core", "4.2.0", "2026-03-25T00:00Z")];
  const judgement = judged({ deployed });
  assert.equal(judgement.outcome, "deny");
  assert.match(judgement.sentence, /Upstream ledger .* soaks until .*pricing .* is not live/);
});

test("what cannot be compared is unknown and what nobody lists is not judged", () => {
  assert.equal(judged({ subject: aSubject({ version: "nightly" }) }).code, "version-unreadable");
  assert.equal(judged({ deployed: "unknown" }).outcome, "unknown");
  assert.equal(judged({ deployed: "assumed" }).code, "inventory-assumed");
});

test("what goes before it has not stabilised before the end of a stabilisation that was prolonged", () => {
  const [ledger, pricing] = before;
  const deployed = [ledger, { ...pricing, stabilisingUntil: at("2026-03-25T09:00Z") }];
  const judgement = judged({ deployed });
  assert.deepEqual([judgement.outcome, judgement.code], ["wait", "upstream-soaking"]);
  assert.match(judgement.sentence, /soaks until Wed 25 Mar 2026 10:00/);
  assert.equal(judged({ deployed }, "2026-03-25T09:00Z").outcome, "pass");
});

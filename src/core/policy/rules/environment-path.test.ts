import assert from "node:assert/strict";
import { test } from "node:test";
import type { EmergencyTicket } from "#core/exemption/emergency.ts";
import type { Facts } from "#core/policy/facts.ts";
import { environmentPath } from "#core/policy/rules/environment-path.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { aSubject, at, someFacts } from "#core/testing.ts";
import { aPolicy, hours, someDigest } from "#core/testing-demands.ts";

const policies = [aPolicy({ promotion: { soak: hours(24) } })];
const stagesBefore = ["dev", "test", "staging"];

function live(environment: string, since: string, digest = someDigest) {
  return { environment, digest, deployment: `dep_${environment}`, since: at(since) };
}

const long = "2026-03-01T00:00Z";
const everywhere = [live("dev", long), live("test", long), live("staging", long)];

function judged(overrides: Partial<Facts>, now = "2026-03-25T08:00Z"): string {
  const { outcome, code } = valueAt(
    environmentPath.judge(someFacts({ policies, stagesBefore, ...overrides })),
    at(now),
  );
  return `${outcome} ${code}`;
}

const ticket: EmergencyTicket = {
  id: "emg_1",
  ticket: "INC-1",
  cause: "Checkout is down.",
  service: "cart",
  version: "1.1.0",
  digest: someDigest,
  environments: ["prod-emea"],
  team: "basket",
  criteria: [],
  impact: ["cart"],
  openedBy: "ann",
  approvedBy: [],
  openedAt: at("2026-03-25T07:00Z"),
  until: at("2026-03-25T10:00Z"),
  passesFreezes: [],
};

const urgent = aSubject({ class: "emergency" });

for (const [title, overrides, expected] of [
  ["passes when the digest was everywhere before", { passed: everywhere }, "pass path-passed"],
  ["is silent when no policy asks", { policies: [], passed: [] }, "not-applicable no-path-demanded"],
  ["has nothing to ask of the first environment", { stagesBefore: [] }, "not-applicable first-stage"],
  ["takes what is kept nowhere for fine", { passed: "assumed" }, "not-applicable path-assumed"],
  ["denies when it was nowhere", { passed: [] }, "deny stage-missing"],
  ["denies when a stage further back is missing", { passed: everywhere.slice(1) }, "deny stage-missing"],
  [
    "counts the digest and not the version: a rebuilt one begins again",
    { passed: everywhere.map((stage) => ({ ...stage, digest: "sha256:b" })) },
    "deny stage-missing",
  ],
  [
    "lets what goes back through",
    { passed: [], subject: aSubject({ action: "roll-back" }) },
    "not-applicable goes-back",
  ],
  ["lets no normal change through on it", { passed: [], emergency: ticket }, "deny stage-missing"],
  [
    "lets an emergency through on its permission",
    { passed: [], emergency: ticket, subject: urgent },
    "pass emergency-permission",
  ],
  [
    "lets no emergency through for another digest",
    { passed: [], emergency: { ...ticket, digest: "sha256:b" }, subject: urgent },
    "deny stage-missing",
  ],
  [
    "lets no emergency through that nobody has approved",
    { passed: [], emergency: { ...ticket, until: null }, subject: urgent },
    "deny stage-missing",
  ],
  ["cannot judge without an artifact", { artifact: null }, "unknown digest-unknown"],
  ["cannot judge an unknown service", { service: null }, "unknown scope-unknown"],
] as const) {
  test(`environment-path ${title}`, () => assert.equal(judged(overrides), expected));
}

test("straight from dev to production names every stage that is missing, with a remedy for each", () => {
  const facts = someFacts({ policies, stagesBefore, passed: [live("dev", long)] });
  const judgement = valueAt(environmentPath.judge(facts), facts.at);
  assert.equal(judgement.sentence, "test and staging are missing for sha256:aaaaaaaaaaaa; demanded by policy base.");
  assert.deepEqual("remedies" in judgement && judgement.remedies.map(({ what }) => what), [
    `Take ${someDigest} to test and let it soak there for 1 d.`,
    `Take ${someDigest} to staging and let it soak there for 1 d.`,
  ]);
});

test("a stage counts from the end of its soak", () => {
  const passed = [live("dev", long), live("test", long), live("staging", "2026-03-25T06:00Z")];
  assert.equal(judged({ passed }, "2026-03-26T05:59:59Z"), "wait stage-soaking");
  assert.equal(judged({ passed }, "2026-03-26T06:00Z"), "pass path-passed");
});

test("a stage that the digest left before its soak was over does not count, however long ago that is", () => {
  const stay = (until: string) => [
    live("dev", long),
    live("test", long),
    { ...live("staging", "2026-03-20T06:00Z"), until: at(until) },
  ];
  assert.equal(judged({ passed: stay("2026-03-20T06:05Z") }), "deny stage-missing");
  assert.equal(judged({ passed: stay("2026-03-21T05:59:59Z") }), "deny stage-missing");
  assert.equal(judged({ passed: stay("2026-03-21T06:00Z") }), "pass path-passed");
  const unsoaked = [aPolicy({ promotion: { soak: hours(0) } })];
  assert.equal(judged({ policies: unsoaked, passed: stay("2026-03-20T06:05Z") }), "pass path-passed");
  const facts = someFacts({ policies, stagesBefore, passed: stay("2026-03-20T06:05Z") });
  const judgement = valueAt(environmentPath.judge(facts), facts.at);
  assert.match(
    judgement.sentence,
    /^staging is missing for sha256:a+; it left staging on .*, before its soak was over; demanded by policy base\.$/,
  );
  assert.deepEqual("remedies" in judgement && judgement.remedies.map(({ what }) => what), [
    `Take ${someDigest} to staging and let it soak there for 1 d.`,
  ]);
});

test("what leaves a stage later than now is there still, as far as anybody knows", () => {
  const passed = [live("dev", long), live("test", long), live("staging", "2026-03-25T06:00Z")].map((stage) => ({
    ...stage,
    until: at("2026-03-25T09:00Z"),
  }));
  assert.equal(judged({ passed }), "wait stage-soaking");
});

test("the permission of an emergency ends", () => {
  assert.equal(
    judged({ passed: [], emergency: ticket, subject: urgent }, "2026-03-25T09:59Z"),
    "pass emergency-permission",
  );
  assert.equal(judged({ passed: [], emergency: ticket, subject: urgent }, "2026-03-25T10:00Z"), "deny stage-missing");
});

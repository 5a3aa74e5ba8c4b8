import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as assertProperty, boolean, constantFrom, property, subarray } from "fast-check";
import { roles, type Person } from "#core/catalog/people.ts";
import type { EmergencyTicket } from "#core/exemption/emergency.ts";
import type { Exemption, Override } from "#core/exemption/exemption.ts";
import { evaluate } from "#core/policy/evaluate.ts";
import type { Facts } from "#core/policy/facts.ts";
import { rules } from "#core/policy/registry.ts";
import {
  aFreeze,
  anApproval,
  anArtifact,
  aPerson,
  aRoute,
  aSubject,
  at,
  fakeHash,
  peopleOf,
  someFacts,
} from "#core/testing.ts";
import { aPolicy, someDigest } from "#core/testing-demands.ts";

const now = at("2026-03-25T08:00Z");
const before = at("2026-03-25T07:00Z");
const later = at("2026-03-25T12:00Z");
const contentDigest = "sha256:content";
const obstacles = ["evidence", "soft freeze", "hard freeze", "embargo", "route", "emergency"] as const;
type Obstacle = (typeof obstacles)[number];

/** What stops the change before anybody has done anything. */
function stopped(obstacle: Obstacle): Partial<Facts> {
  const demand = { kind: "load-test", min: null, max: null, maxAge: null, ruleSet: null };
  const freeze = (strength: "soft" | "hard" | "embargo"): Partial<Facts> => ({
    freezes: [aFreeze("2026-03-25T00:00", "2026-03-26T00:00", { strength, passesWith: "passage" })],
  });
  switch (obstacle) {
    case "evidence":
      return { policies: [aPolicy({ evidence: [demand] })] };
    case "soft freeze":
      return freeze("soft");
    case "hard freeze":
      return freeze("hard");
    case "embargo":
      return freeze("embargo");
    case "route":
      return { routes: [aRoute({ roles: [], teams: [] })] };
    case "emergency":
      return {};
  }
}

interface Deeds {
  /** Under which names the acting person and the one beside do what they do. */
  readonly requester: string;
  readonly opener: string;
  readonly helper: string;
  readonly author: string | null;
}

/** Everything that can be done about it is done by `helper`: approvals, exemptions, overrides, the emergency lane. */
function afterDeeds(obstacle: Obstacle, people: ReadonlyMap<string, Person>, deeds: Deeds): Facts {
  const { requester, opener, helper, author } = deeds;
  const exemption = (rule: string, codes: readonly string[]): Exemption => ({
    id: `EX-${rule}`,
    rule,
    codes,
    subjects: [],
    scope: {},
    justification: "It is needed.",
    from: before,
    until: later,
    requestedBy: opener,
    approvedBy: [helper],
    controls: [],
    revokedAt: null,
  });
  const override = ({ id: rule, codes }: (typeof rules)[number]): readonly Override[] =>
    codes.map((code) => ({
      id: `OV-${rule}-${code}`,
      deployment: "dep_1",
      rule,
      code,
      subjects: undefined,
      contentDigest,
      by: helper,
      right: "finding.override",
      reason: "It is needed.",
      at: before,
      until: later,
    }));
  const ticket: EmergencyTicket = {
    id: "EM-1",
    ticket: "INC-1",
    cause: "Checkout is down.",
    service: "cart",
    version: "1.1.0",
    digest: someDigest,
    environments: ["prod-emea"],
    team: "basket",
    criteria: [],
    impact: [],
    openedBy: opener,
    approvedBy: [{ person: helper, at: before, onDuty: true }],
    openedAt: before,
    until: later,
    passesFreezes: ["quarter-end"],
  };
  const base = stopped(obstacle);
  return someFacts({
    at: now,
    people,
    ...base,
    routes: [...(base.routes ?? []), aRoute({ name: "passage", priority: -1, roles: [], teams: [], approvals: 0 })],
    artifact: anArtifact({ author }),
    approvals: [anApproval(helper, { contentDigest, at: before, despite: ["quarter-end"] })],
    exemptions: rules.map(({ id, codes }) => exemption(id, codes)),
    overrides: rules.flatMap(override),
    emergency: ticket,
    subject: aSubject({
      class: obstacle === "hard freeze" || obstacle === "emergency" ? "emergency" : "normal",
      requestedBy: requester,
      contentDigest,
      onBehalfOf: "dep_1",
    }),
  });
}

const decide = (facts: Facts): string => evaluate(rules, facts, { hash: fakeHash, zoneData: "any" }).decision;

test("whatever roles and accounts one person has, alone nobody gets a stopped change through", () => {
  assertProperty(
    property(
      subarray([...roles]),
      constantFrom(...obstacles),
      constantFrom("ann", "ann-2", "ann-ci"),
      constantFrom("ann", "ann-2", "ann-ci"),
      boolean(),
      (held, obstacle, opener, helper, isAuthor) => {
        const accounts = [
          { name: "ann", kind: "human" },
          { name: "ann-2", kind: "human" },
          { name: "ann-ci", kind: "bot" },
        ] as const;
        const people = peopleOf(aPerson("ann", { roles: held, accounts }), aPerson("bob"));
        const deeds = { requester: "ann", opener, helper, author: isAuthor ? "ann" : null };
        assert.notEqual(decide(afterDeeds(obstacle, people, deeds)), "allow", obstacle);
      },
    ),
  );
});

test("the author cannot help a requester past it either", () => {
  for (const obstacle of obstacles) {
    const people = peopleOf(aPerson("ann", { roles: [...roles] }), aPerson("bob", { roles: [...roles] }));
    const deeds = { requester: "ann", opener: "ann", helper: "bob", author: "bob" };
    assert.notEqual(decide(afterDeeds(obstacle, people, deeds)), "allow", obstacle);
  }
});

for (const obstacle of obstacles) {
  const expected = obstacle === "embargo" ? "wait" : "allow";
  test(`with somebody else of the right sort the ${obstacle} ends in ${expected}: the search above is not empty`, () => {
    const people = peopleOf(aPerson("ann", { roles: ["developer"] }), aPerson("gia", { roles: ["compliance"] }));
    const deeds = { requester: "ann", opener: "ann", helper: "gia", author: "ann" };
    assert.equal(decide(afterDeeds(obstacle, people, deeds)), expected);
  });
}

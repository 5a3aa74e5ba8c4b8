import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { evaluate } from "#core/policy/evaluate.ts";
import type { Facts } from "#core/policy/facts.ts";
import { rules } from "#core/policy/registry.ts";
import type { Counterfactual } from "#core/policy/verdict.ts";
import {
  aFreeze,
  anApproval,
  anEnvironment,
  aPerson,
  applyRemedy,
  aRoute,
  aService,
  aWindow,
  at,
  fakeHash,
  peopleOf,
  someFacts,
} from "#core/testing.ts";

const options = { hash: fakeHash, zoneData: "2026c" };

/** Facts in which any of the rules may stand in the way, in ways that somebody can remedy by a deed. */
const blockedFacts: fc.Arbitrary<Facts> = fc
  .record({
    approvals: fc.constantFrom(0, 1, 2),
    needed: fc.constantFrom(0, 1, 2),
    locked: fc.constantFrom("free", "open-ended", "until-noon"),
    registered: fc.boolean(),
    pricing: fc.constantFrom("3.2.0", "3.1.0", "booked"),
    freezes: fc.subarray([
      aFreeze("2026-03-24T00:00", "2026-03-27T12:00", { name: "audit" }),
      aFreeze("2026-03-20T00:00", "2026-03-28T03:00", { name: "campaign", strength: "embargo" }),
    ]),
    hasWindow: fc.boolean(),
  })
  .map(({ approvals, needed, locked, registered, pricing, freezes, hasWindow }) => {
    const until = locked === "until-noon" ? at("2026-03-25T12:00Z") : null;
    const given = ["bob", "cleo"].slice(0, approvals).map((person) => anApproval(person));
    const version = pricing === "booked" ? "3.1.0" : pricing;
    const booking = {
      id: null,
      service: "pricing",
      version: "3.2.0",
      environment: "prod-emea",
      from: at("2026-03-26T00:00Z"),
      to: at("2026-03-26T01:00Z"),
    };
    const facts = someFacts({
      service: aService({ dependsOn: [{ on: "pricing", kind: "sync", versions: ">=3.2" }] }),
      environment: anEnvironment(),
      windows: hasWindow ? [aWindow()] : [],
      freezes,
      routes: [aRoute({ approvals: needed })],
      people: peopleOf(aPerson("ann"), aPerson("bob"), aPerson("cleo"), aPerson("dora")),
      approvals: given,
      deployed: [{ service: "pricing", version, environment: "prod-emea", since: at("2026-01-01T00:00Z") }],
      bookings: pricing === "booked" ? [booking] : [],
      locks: locked === "free" ? [] : [{ key: "environment:prod-emea", holder: "dep_1", fence: 1, until }],
    });
    return registered ? facts : { ...facts, artifact: null };
  });

function canBeSimulated({ remedies }: Counterfactual): boolean {
  return remedies.every(({ rule, remedy }) => remedy.kind !== "change" || rule === "freeze-in-force");
}

/** The facts after the deeds of a set, at the instant at which it is said to open. Waiting is the passing of time. */
function after(facts: Facts, remedies: Counterfactual["remedies"], opensAt: Temporal.Instant): Facts {
  const deeds = remedies.filter(({ remedy }) => remedy.kind !== "wait");
  const changed = deeds.reduce((before, { rule, remedy }) => applyRemedy(before, rule, remedy), facts);
  const isWaited = deeds.length < remedies.length;
  if (!isWaited) return changed;
  // With time bookings are carried out and holders let go, as the verdict expected.
  const locks = changed.locks.filter(({ until }) => until === null || Temporal.Instant.compare(until, opensAt) > 0);
  const done = changed.bookings.filter(({ to }) => Temporal.Instant.compare(to, opensAt) <= 0);
  const live = done.map(({ service, version, environment, to }) => ({ service, version, environment, since: to }));
  const deployed = typeof changed.deployed === "string" ? changed.deployed : [...changed.deployed, ...live];
  return { ...changed, at: opensAt, locks, deployed, horizon: opensAt.add({ hours: 24 * 60 }) };
}

test("every set of remedies that can be carried out flips the verdict at the instant it names", () => {
  let flipped = 0;
  fc.assert(
    fc.property(blockedFacts, (facts) => {
      for (const way of evaluate(rules, facts, options).counterfactuals.filter(canBeSimulated)) {
        assert.ok(way.opensAt !== null);
        const verdict = evaluate(rules, after(facts, way.remedies, way.opensAt), options);
        const stopping = verdict.findings.filter(({ outcome }) => outcome !== "pass" && outcome !== "not-applicable");
        assert.equal(verdict.decision, "allow", JSON.stringify([way, stopping]));
        flipped++;
      }
    }),
  );
  assert.ok(flipped > 100, `only ${flipped} sets were tried`);
});

test("a set without any one of its deeds does not flip it", () => {
  let tried = 0;
  fc.assert(
    fc.property(blockedFacts, (facts) => {
      for (const { remedies, opensAt } of evaluate(rules, facts, options).counterfactuals.filter(canBeSimulated)) {
        if (opensAt === null) continue;
        for (const left of remedies) {
          const rest = remedies.filter((remedy) => remedy !== left);
          // Without the wait the others are judged at once.
          const moment = left.remedy.kind === "wait" ? facts.at : opensAt;
          assert.notEqual(evaluate(rules, after(facts, rest, moment), options).decision, "allow");
          tried++;
        }
      }
    }),
  );
  assert.ok(tried > 100, `only ${tried} were left out`);
});

test("an allowed verdict needs no way out, and a blocked one with remedies has one", () => {
  fc.assert(
    fc.property(blockedFacts, (facts) => {
      const { decision, counterfactuals } = evaluate(rules, facts, options);
      assert.equal(counterfactuals.length === 0, decision === "allow");
    }),
  );
});

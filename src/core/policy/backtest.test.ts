import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as assertProperty, boolean, property, record } from "fast-check";
import { differenceOf, type Draft, isFix, withDraft } from "#core/policy/backtest.ts";
import { evaluate } from "#core/policy/evaluate.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Policy } from "#core/policy/policy.ts";
import { rules } from "#core/policy/registry.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { aFreeze, aRoute, at, fakeHash, peopleOf, aPerson, someFacts } from "#core/testing.ts";

const judge = (facts: Facts): Verdict => evaluate(rules, facts, { hash: fakeHash, zoneData: "any" });
const nothing = { added: [], removed: new Set<string>() };
const emptyDraft: Draft = { policies: nothing, windows: nothing, freezes: nothing, routes: nothing };
const without = (name: string): { readonly added: []; readonly removed: ReadonlySet<string> } => ({
  added: [],
  removed: new Set([name]),
});

const frozen = someFacts({
  freezes: [aFreeze("2026-03-25T00:00", "2026-03-26T00:00")],
  routes: [aRoute()],
  people: peopleOf(aPerson("ann")),
});

test("a draft that concerns others gives the very same facts", () => {
  const elsewhere = aFreeze("2026-03-25T00:00", "2026-03-27T00:00", { name: "far", scope: { services: ["till"] } });
  assert.equal(withDraft(frozen, emptyDraft), frozen);
  assert.equal(withDraft(frozen, { ...emptyDraft, freezes: { added: [elsewhere], removed: new Set() } }), frozen);
  assert.equal(withDraft(frozen, { ...emptyDraft, windows: without("nobody-knows") }), frozen);
});

test("what is replaced by itself changes no decision and no opening", () => {
  assertProperty(
    property(record({ freezes: boolean(), routes: boolean() }), (which) => {
      const draft: Draft = {
        ...emptyDraft,
        freezes: { added: which.freezes ? frozen.freezes : [], removed: new Set() },
        routes: { added: which.routes ? frozen.routes : [], removed: new Set() },
      };
      return differenceOf(judge(frozen), judge(withDraft(frozen, draft))) === null;
    }),
  );
});

test("a route of a higher priority takes the place that the configuration would give it", () => {
  const added = [aRoute({ name: "cab", priority: 9, approvals: 2 })];
  const { routes } = withDraft(frozen, { ...emptyDraft, routes: { added, removed: new Set() } });
  assert.deepEqual(
    routes.map(({ name }) => name),
    ["cab", "prod"],
  );
});

test("a policy of the draft counts whatever its dates say", () => {
  const later = { from: at("2030-01-01T00:00Z"), until: at("2031-01-01T00:00Z") };
  const policy: Policy = {
    ...later,
    name: "p",
    scope: {},
    level: "central",
    owner: "platform",
    version: "v",
    bounds: [],
    settings: {
      evidence: [],
      verification: null,
      ticket: null,
      risk: null,
      errorBudget: { minLeft: 0.5 },
      capacity: [],
      signals: null,
      coreUpgrades: null,
      stabilisation: null,
      promotion: null,
      rollback: null,
      rollout: null,
      emergency: null,
      clauses: [],
    },
  };
  const { policies } = withDraft(someFacts(), { ...emptyDraft, policies: { added: [policy], removed: new Set() } });
  assert.deepEqual([policies[0]?.from, policies[0]?.until], [null, null]);
});

test("a freeze that is gone allows, and the freeze is what is gone", () => {
  const easier = withDraft(frozen, { ...emptyDraft, freezes: without("quarter-end"), routes: without("prod") });
  const difference = differenceOf(judge(frozen), judge(easier));
  assert.deepEqual([difference?.kind, difference?.would], ["newly-allowed", "allow"]);
  assert.deepEqual(
    difference?.because.map(({ rule }) => rule),
    ["freeze-in-force", "approved-by-another"],
  );
});

for (const [title, was, would, kind] of [
  ["nothing", ["wait", 1], ["wait", 1], undefined],
  ["a later opening", ["wait", 1], ["wait", 2], "delayed"],
  ["an opening that is no longer known", ["wait", 1], ["deny", null], "delayed"],
  ["an earlier opening", ["hold", 2], ["wait", 1], "earlier"],
  ["an opening that is known now", ["deny", null], ["wait", 3], "earlier"],
  ["another decision without an opening", ["hold", null], ["deny", null], "other"],
  ["a stop", ["allow", 0], ["wait", 1], "newly-blocked"],
  ["a way", ["deny", null], ["allow", 0], "newly-allowed"],
] as const) {
  test(`the difference is ${kind ?? "none"} for ${title}`, () => {
    const base = judge(frozen);
    const verdict = ([decision, hours]: readonly [Verdict["decision"], number | null]): Verdict => ({
      ...base,
      decision,
      nextOpening: hours === null ? null : base.at.add({ hours }),
    });
    assert.equal(differenceOf(verdict(was), verdict(would))?.kind, kind);
  });
}

test("a fix is a way back, a way forward after a failure, or an emergency", () => {
  assert.ok(isFix({ action: "roll-back", class: "normal" }));
  assert.ok(isFix({ action: "fix-forward", class: "normal" }));
  assert.ok(isFix({ action: "deploy", class: "emergency" }));
  assert.ok(!isFix({ action: "deploy", class: "normal" }));
});

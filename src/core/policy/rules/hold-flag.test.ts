import assert from "node:assert/strict";
import { test } from "node:test";
import { holdFlag } from "#core/policy/rules/hold-flag.ts";
import { valueAt } from "#core/policy/timeline.ts";
import type { Hold } from "#core/release/hold.ts";
import { aSubject, at, someFacts } from "#core/testing.ts";

function aHold(overrides: Partial<Hold> = {}): Hold {
  return {
    id: "hld_1",
    scope: { services: ["cart"] },
    reason: "Odd figures since noon.",
    by: "cem",
    since: at("2026-03-25T07:00Z"),
    until: null,
    liftedBy: "team basket",
    ...overrides,
  };
}

function judged(hold: Hold, now: string, action: "deploy" | "roll-back" = "deploy"): string {
  const { outcome, code } = valueAt(
    holdFlag.judge(someFacts({ holds: [hold], subject: aSubject({ action }) })),
    at(now),
  );
  return `${outcome} ${code}`;
}

test("a hold holds until whom it names lifts it", () => {
  const judgement = valueAt(holdFlag.judge(someFacts({ holds: [aHold()] })), at("2026-04-25T08:00Z"));
  assert.equal(judgement.outcome, "hold");
  assert.equal(judgement.sentence, "On hold by cem (hld_1): Odd figures since noon.");
  assert.deepEqual("remedies" in judgement && judgement.remedies, [
    { kind: "change", who: "team basket", what: "Lift the hold hld_1." },
  ]);
});

test("a hold with an end waits, and is over at that instant", () => {
  const hold = aHold({ until: at("2026-03-25T10:00Z") });
  assert.equal(judged(hold, "2026-03-25T09:59:59Z"), "wait on-hold");
  assert.equal(judged(hold, "2026-03-25T10:00Z"), "pass no-hold");
});

test("a hold on something else does not hold", () => {
  assert.equal(judged(aHold({ scope: { services: ["pricing-*"] } }), "2026-03-25T08:00Z"), "pass no-hold");
});

test("what goes back passes a hold that does not name it", () => {
  assert.equal(judged(aHold(), "2026-03-25T08:00Z", "roll-back"), "pass no-hold");
  assert.equal(judged(aHold({ scope: { actions: ["roll-back"] } }), "2026-03-25T08:00Z", "roll-back"), "hold on-hold");
});

test("while nobody knows the service nobody knows whether a hold is on it", () => {
  const facts = someFacts({ service: null, holds: [aHold()] });
  assert.equal(valueAt(holdFlag.judge(facts), facts.at).outcome, "unknown");
  const quiet = someFacts({ service: null });
  assert.equal(valueAt(holdFlag.judge(quiet), quiet.at).outcome, "pass");
});

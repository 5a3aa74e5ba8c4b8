import assert from "node:assert/strict";
import { test } from "node:test";
import { globalStop } from "#core/policy/rules/global-stop.ts";
import { valueAt } from "#core/policy/timeline.ts";
import type { Stop } from "#core/release/hold.ts";
import { aSubject, at, someFacts } from "#core/testing.ts";

function aStop(overrides: Partial<Stop> = {}): Stop {
  return {
    id: "stp_1",
    reason: "Payments are failing.",
    by: "cem",
    since: at("2026-03-25T07:00Z"),
    until: at("2026-03-25T12:00Z"),
    allowsRollBack: false,
    ...overrides,
  };
}

function judged(stops: readonly Stop[], now: string, action: "deploy" | "roll-back" = "deploy"): string {
  const facts = someFacts({ stops, subject: aSubject({ action }) });
  const { outcome, code } = valueAt(globalStop.judge(facts), at(now));
  return `${outcome} ${code}`;
}

test("a global stop waits until its end, and at that instant it is over", () => {
  assert.equal(judged([aStop()], "2026-03-25T11:59:59Z"), "wait stopped");
  assert.equal(judged([aStop()], "2026-03-25T12:00Z"), "pass no-stop");
});

test("a global stop without an end holds until somebody lifts it, and says who", () => {
  const judgement = valueAt(globalStop.judge(someFacts({ stops: [aStop({ until: null })] })), at("2026-03-26T00:00Z"));
  assert.equal(judgement.outcome, "hold");
  assert.equal(judgement.sentence, "cem has stopped everything until somebody lifts it: Payments are failing.");
  assert.deepEqual("remedies" in judgement && judgement.remedies, [
    {
      kind: "change",
      who: "role operator, release-manager, compliance or administrator",
      what: "Lift the global stop stp_1.",
    },
  ]);
});

test("a stop that begins later stops from then on", () => {
  const later = aStop({ since: at("2026-03-25T10:00Z") });
  assert.equal(judged([later], "2026-03-25T09:59Z"), "pass no-stop");
  assert.equal(judged([later], "2026-03-25T10:00Z"), "wait stopped");
});

test("what goes back passes only if every stop in force lets it", () => {
  const lenient = aStop({ allowsRollBack: true });
  assert.equal(judged([lenient], "2026-03-25T08:00Z", "roll-back"), "pass roll-back-let-through");
  assert.equal(judged([lenient], "2026-03-25T08:00Z"), "wait stopped");
  assert.equal(judged([lenient, aStop({ id: "stp_2" })], "2026-03-25T08:00Z", "roll-back"), "wait stopped");
});

test("of two stops the one without an end decides", () => {
  assert.equal(judged([aStop(), aStop({ id: "stp_2", until: null })], "2026-03-25T08:00Z"), "hold stopped");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { agreedSlotBegun } from "#core/policy/rules/agreed-slot-begun.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { at, someFacts } from "#core/testing.ts";

const agreedSlot = { id: "slt_1", from: at("2026-03-25T02:00Z"), to: at("2026-03-25T03:00Z"), acceptedBy: "ann" };

for (const [title, now, code] of [
  ["waits before the slot", "2026-03-25T01:59:59Z", "before-slot"],
  ["passes at its first instant", "2026-03-25T02:00Z", "slot-begun"],
  ["passes at its end: it holds nothing up any longer", "2026-03-25T03:00Z", "slot-passed"],
] as const) {
  test(`agreed-slot-begun ${title}, asked then or before`, () => {
    const asked = (from: string): string => {
      const timeline = agreedSlotBegun.judge(someFacts({ at: at(from), agreedSlot }));
      return valueAt(timeline, at(now)).code;
    };
    assert.equal(asked(now), code);
    assert.equal(asked("2026-03-24T00:00Z"), code);
  });
}

test("agreed-slot-begun does not apply where nothing was agreed on, and says so only of a deployment", () => {
  const facts = someFacts();
  const asked = (onBehalfOf: string | null) =>
    valueAt(agreedSlotBegun.judge({ ...facts, subject: { ...facts.subject, onBehalfOf } }), facts.at);
  assert.deepEqual([asked(null).outcome, asked("dep_1").outcome], ["not-applicable", "not-applicable"]);
  assert.equal(asked("dep_1").sentence, "No slot was agreed on.");
  assert.equal(asked(null).sentence, "No deployment is asked about, so no agreed slot is known.");
});

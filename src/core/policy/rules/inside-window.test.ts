import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { insideWindow } from "#core/policy/rules/inside-window.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { anEnvironment, aSubject, aWindow, at, instants, someFacts } from "#core/testing.ts";

const facts = someFacts({ windows: [aWindow()] });

for (const [title, now, outcome] of [
  ["waits a second before the window opens", "2026-03-27T23:59:59Z", "wait"],
  ["passes from its first instant", "2026-03-28T00:00:00Z", "pass"],
  ["passes until its last second", "2026-03-28T03:59:59Z", "pass"],
  ["waits at its end: the span is half-open", "2026-03-28T04:00:00Z", "wait"],
] as const) {
  test(`inside-window ${title}`, () => {
    assert.equal(valueAt(insideWindow.judge(facts), at(now)).outcome, outcome);
  });
}

test("inside-window says which window is open and until when", () => {
  const { sentence } = valueAt(insideWindow.judge(facts), at("2026-03-28T01:00Z"));
  assert.equal(sentence, "Inside the window weekend until Sat 28 Mar 2026 05:00 Europe/Berlin (2026-03-28T04:00Z).");
});

test("inside-window names who could open another one", () => {
  const judgement = valueAt(insideWindow.judge(facts), facts.at);
  assert.ok("remedies" in judgement);
  assert.deepEqual(
    judgement.remedies.map(({ kind, who }) => `${kind} ${who}`),
    ["wait nobody", "change owner of the calendar"],
  );
});

test("inside-window binds what goes back by those windows alone that name the action", () => {
  const back = { ...facts, subject: aSubject({ action: "roll-back" }) };
  const codeOf = (asked: typeof facts) => valueAt(insideWindow.judge(asked), facts.at).code;
  const required = anEnvironment({ windows: "required" });
  assert.equal(codeOf(back), "no-window-matches");
  assert.equal(codeOf({ ...back, windows: [], environment: required }), "no-window-matches");
  assert.equal(codeOf({ ...facts, windows: [], environment: required }), "no-window");
  assert.equal(codeOf({ ...back, windows: [{ ...aWindow(), scope: { actions: ["*"] } }] }), "outside-window");
});

test("inside-window looks the same whether judged then or looked up", () => {
  fc.assert(
    fc.property(instants, (now) => {
      const early = { ...facts, at: at("2026-01-01T00:00Z"), horizon: at("2027-02-01T00:00Z") };
      const looked = valueAt(insideWindow.judge(early), now);
      const judged = valueAt(insideWindow.judge({ ...early, at: now }), now);
      assert.deepEqual(looked, judged);
    }),
    { numRuns: 50 },
  );
});

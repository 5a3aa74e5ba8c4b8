import assert from "node:assert/strict";
import { test } from "node:test";
import { freezeInForce } from "#core/policy/rules/freeze-in-force.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { aFreeze, anApproval, aPerson, aRoute, at, peopleOf, someFacts } from "#core/testing.ts";

const freeze = aFreeze("2026-03-31T18:00", "2026-04-02T06:00");
const facts = someFacts({ freezes: [freeze] });

for (const [title, now, outcome] of [
  ["passes just before it begins", "2026-03-31T15:59:59Z", "pass"],
  ["waits from its first instant", "2026-03-31T16:00:00Z", "wait"],
  ["passes at its end: the span is half-open", "2026-04-02T04:00:00Z", "pass"],
] as const) {
  test(`freeze-in-force ${title}`, () => {
    assert.equal(valueAt(freezeInForce.judge(facts), at(now)).outcome, outcome);
  });
}

test("freeze-in-force names the strongest first and all of them", () => {
  const embargo = aFreeze("2026-03-31T00:00", "2026-04-01T12:00", { name: "regulator", strength: "embargo" });
  const soft = aFreeze("2026-03-31T00:00", "2026-04-01T12:00", { name: "quiet", strength: "soft" });
  const judgement = valueAt(
    freezeInForce.judge({ ...facts, freezes: [soft, freeze, embargo] }),
    at("2026-03-31T17:00Z"),
  );
  assert.equal(judgement.code, "embargo");
  assert.match(judgement.sentence, /^The embargo regulator .*; The hard freeze quarter-end .*; The soft freeze quiet /);
});

test("freeze-in-force calls a freeze by what people call it, and cites it by its name", () => {
  const event = aFreeze("2026-03-31T00:00", "2026-04-01T12:00", { name: "campaigns/7f3c@shop", title: "Black Friday" });
  const judgement = valueAt(freezeInForce.judge({ ...facts, freezes: [event] }), at("2026-03-31T17:00Z"));
  assert.match(judgement.sentence, /^The hard freeze Black Friday of /);
  assert.deepEqual(
    judgement.evidence?.map(({ ref }) => ref),
    ["campaigns/7f3c@shop"],
  );
});

test("a soft freeze stops again when the approval it passes with expires", () => {
  const soft = aFreeze("2026-03-24T00:00", "2026-04-02T00:00", { strength: "soft", passesWith: "prod" });
  const timeline = freezeInForce.judge({
    ...facts,
    freezes: [soft],
    routes: [aRoute({ validFor: Temporal.Duration.from("P7D") })],
    people: peopleOf(aPerson("bob")),
    approvals: [anApproval("bob", { despite: [soft.name] })],
  });
  assert.equal(valueAt(timeline, at("2026-03-27T08:59:59Z")).outcome, "pass");
  assert.equal(valueAt(timeline, at("2026-03-27T09:00:00Z")).outcome, "wait");
});

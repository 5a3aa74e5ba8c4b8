import assert from "node:assert/strict";
import { test } from "node:test";
import { factsOf, sayDeciders, sayForcedOut, sayOption, saySessions, sayTime } from "#web/rollback/way-back.ts";

test("an option says what becomes of the release", () => {
  assert.equal(sayOption("held", "go-on"), "it goes on");
  assert.equal(sayOption("alert", "go-on"), "it stays live");
  assert.equal(sayOption("alert", "go-back"), "it goes back");
});

test("a time says how it is known", () => {
  assert.equal(sayTime({ seconds: 2280, known: "rehearsed" }), "38 min, measured in a rehearsal");
  assert.equal(sayTime({ seconds: 1200, known: "estimate" }), "20 min, estimated");
  assert.equal(sayTime(null), "nobody knows how long");
});

test("decider and deputy are named together", () => {
  assert.equal(sayDeciders({ decider: "bob", deputy: "kemal" }), "bob or kemal");
  assert.equal(sayDeciders({ decider: "bob", deputy: null }), "bob");
});

test("whoever decides sees how long it takes, how that is known, and the point of no return", () => {
  const time = { seconds: 2280, known: "rehearsed" } as const;
  const plan = {
    document: "shop",
    triggers: [],
    steps: [],
    expectedSeconds: 1200,
    pointOfNoReturn: { percent: 50, why: "The billing has read it.", whenSilent: "go-on" as const },
    limits: [],
  };
  assert.deepEqual(factsOf({ former: "1.0", time, plan, isPastNoReturn: false }), [
    "Going back to 1.0 takes 38 min, measured in a rehearsal.",
    "The point of no return is 50 %: The billing has read it.",
  ]);
  const [, past] = factsOf({ former: "1.0", time, plan, isPastNoReturn: true });
  assert.equal(past, "It is past the point of no return: The billing has read it. Fixing forward is the plan.");
  assert.deepEqual(factsOf({ former: "1.0", time: null, plan: null, isPastNoReturn: false }), [
    "Nobody knows how long going back takes.",
    "Nobody has planned the way back.",
  ]);
  assert.equal(factsOf({ former: null, time: null, plan: null, isPastNoReturn: false }).length, 1);
});

test("sessions are said with how well they are known, and who was logged out as a number", () => {
  assert.equal(saySessions({ sessions: 1, isExact: true }), "1 session");
  assert.equal(saySessions({ sessions: 12, isExact: false }), "12 sessions at most");
  assert.equal(saySessions({ sessions: 0, isExact: false }), "0 sessions");
  assert.equal(saySessions({ sessions: null, isExact: false }), "sessions that nobody has counted yet");
  assert.equal(sayForcedOut({ how: "stopped", forcedOut: null }), "nobody was logged out.");
  assert.equal(sayForcedOut({ how: "forced", forcedOut: 3 }), "3 were logged out.");
  assert.equal(sayForcedOut({ how: "in-use", forcedOut: null }), "it has users again.");
});

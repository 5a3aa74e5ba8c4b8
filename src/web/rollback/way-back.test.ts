import assert from "node:assert/strict";
import { test } from "node:test";
import { sayDeciders, sayOption, sayTime } from "#web/rollback/way-back.ts";

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

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeploymentId } from "#core/id.ts";
import { actOnLeft, nextLookIn, saySessions, type LeftSeen, type LeftVersion } from "./left-version.ts";

const at = Temporal.Instant.from("2026-11-02T12:00:00Z");
const later = at.add({ minutes: 10 });
const isId = (text: string): text is DeploymentId => text.startsWith("dep_");
const id = "dep_1";
assert.ok(isId(id));
const deployment = id;
const left = (more: Partial<LeftVersion> = {}): LeftVersion => ({
  deployment,
  service: "shop",
  environment: "prod",
  version: "1.0.0",
  leftAt: at,
  sessions: { idleSeconds: 10, drainSeconds: 60 },
  counted: { live: 3, isExact: true },
  askAt: at,
  asked: 0,
  failed: 0,
  endWantedBy: null,
  lookAt: at,
  ended: null,
  ...more,
});
const seen = (more: Partial<LeftSeen> = {}): LeftSeen => ({
  state: "ready",
  percent: 0,
  count: { live: 3, isExact: true },
  ...more,
});
const end = { idleSeconds: 10, drainSeconds: 60, atLimit: "end" } as const;
const none = { live: 0, isExact: true };

for (const [what, record, target, expected] of [
  ["sessions that live, when people are to be asked", left(), seen(), { kind: "ask" }],
  ["sessions that live, when they have been asked", left({ askAt: later }), seen(), { kind: "wait" }],
  ["no session", left({ askAt: later }), seen({ count: none }), { kind: "stop", how: "stopped" }],
  ["a person who has said so", left({ askAt: later, endWantedBy: "ann" }), seen(), { kind: "stop", how: "forced" }],
  ["the limit of a strategy that ends them", left({ sessions: end }), seen(), { kind: "stop", how: "forced" }],
  ["such a strategy before its limit", left({ sessions: end, askAt: later }), seen(), { kind: "wait" }],
  ["a version that only could not be stopped", left({ sessions: null }), seen(), { kind: "stop", how: "stopped" }],
  ["a process that has failed", left({ askAt: later }), seen({ state: "failed" }), { kind: "stop", how: "stopped" }],
  ["users again", left({ endWantedBy: "ann" }), seen({ percent: 5 }), { kind: "over", how: "in-use" }],
  ["nothing there", left(), seen({ state: "absent", count: none }), { kind: "over", how: "gone" }],
  [
    "one that was being ended and is gone",
    left({ endWantedBy: "ann" }),
    seen({ state: "stopped", count: none }),
    { kind: "over", how: "forced" },
  ],
] as const) {
  test(`${what}: ${"how" in expected ? `${expected.kind}, ${expected.how}` : expected.kind}`, () => {
    assert.deepEqual(actOnLeft(record, target, at), expected);
  });
}

test("a target that does not do it is asked later and later, but for ever", () => {
  assert.deepEqual(
    [0, 1, 3, 30].map((failed) => nextLookIn({ failed })),
    [5, 10, 40, 600],
  );
});

test("a number that is a limit says so", () => {
  assert.deepEqual(
    [saySessions({ live: 1, isExact: true }), saySessions({ live: 7, isExact: false }), saySessions(none)],
    ["1 session", "7 sessions at most", "0 sessions"],
  );
});

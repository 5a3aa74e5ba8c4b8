import assert from "node:assert/strict";
import { test } from "node:test";
import { lockFree } from "#core/policy/rules/lock-free.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { aSubject, at, someFacts } from "#core/testing.ts";

const lock = { key: "environment:prod-emea", holder: "dep_1", fence: 4, until: at("2026-03-25T10:00Z") };

for (const [title, now, outcome] of [
  ["holds while somebody has it", "2026-03-25T09:59:59Z", "hold"],
  ["lets plans go from the expected end on", "2026-03-25T10:00:00Z", "pass"],
] as const) {
  test(`lock-free ${title}`, () => {
    assert.equal(valueAt(lockFree.judge(someFacts({ locks: [lock] })), at(now)).outcome, outcome);
  });
}

test("lock-free names every holder and what each could do", () => {
  const other = { ...lock, holder: "dep_2", until: null };
  const judgement = valueAt(lockFree.judge(someFacts({ locks: [lock, other] })), someFacts().at);
  const end = "Wed 25 Mar 2026 11:00 Europe/Berlin (2026-03-25T10:00Z)";
  assert.equal(
    judgement.sentence,
    `environment:prod-emea is held by dep_1, expected until ${end} and dep_2, with no end given.`,
  );
  assert.ok("remedies" in judgement);
  assert.deepEqual(
    judgement.remedies.map(({ who }) => who),
    ["dep_1", "dep_2"],
  );
});

test("lock-free says what a holder brings where, as far as that is known", () => {
  const known = { ...lock, subject: "checkout-api@5.0.1 to prod-emea" };
  const judgement = valueAt(lockFree.judge(someFacts({ locks: [known] })), someFacts().at);
  assert.match(judgement.sentence, /is held by checkout-api@5\.0\.1 to prod-emea \(dep_1\), expected until /);
  assert.ok("remedies" in judgement);
  assert.equal(
    judgement.remedies[0]?.what,
    "Let go of environment:prod-emea, or abort checkout-api@5.0.1 to prod-emea (dep_1).",
  );
});

test("lock-free is not stopped by the own lock, and yet by another beside it", () => {
  const subject = aSubject({ onBehalfOf: "dep_1" });
  const both = [lock, { ...lock, holder: "dep_2" }];
  assert.equal(valueAt(lockFree.judge(someFacts({ subject, locks: [lock] })), someFacts().at).outcome, "pass");
  assert.equal(valueAt(lockFree.judge(someFacts({ subject, locks: both })), someFacts().at).outcome, "hold");
});

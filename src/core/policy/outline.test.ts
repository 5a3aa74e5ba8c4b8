import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { outline, maxStretches } from "#core/policy/outline.ts";
import { evaluateAt } from "#core/policy/evaluate.ts";
import { doesNotFit, type Judgement } from "#core/policy/finding.ts";
import { defineRule, pass, refuse, type Rule } from "#core/policy/rule.ts";
import { lazyTimeline } from "#core/policy/timeline.ts";
import { fakeHash, someFacts } from "#core/testing.ts";

const judgements = {
  passes: pass("fine", "Fine."),
  "too-short": refuse("wait", doesNotFit, "Too short.", []),
  waits: refuse("wait", "later", "Later.", []),
  stops: refuse("deny", "no", "No.", []),
} as const satisfies Readonly<Record<string, Judgement>>;
type Course = keyof typeof judgements;

/** A rule that changes its mind every hour. */
function hourly(id: string, courses: readonly Course[]): Rule {
  return defineRule({
    id,
    version: "1",
    title: id,
    reason: id,
    remedy: id,
    codes: [],
    needs: [],
    judge: ({ at }) =>
      lazyTimeline({
        borders: courses.map((_, hour) => at.add({ hours: hour }).epochMilliseconds),
        judge: (place) => judgements[courses[place] ?? "stops"],
      }),
  });
}

const facts = someFacts({});
const inHours = (hours: number): Temporal.Instant => facts.at.add({ hours });

test("The outline joins what says the same, and all rules together are as strong as the strongest", () => {
  const two = [
    hourly("a", ["stops", "stops", "passes", "passes"]),
    hourly("b", ["passes", "waits", "waits", "passes"]),
  ];
  const drawn = outline(two, facts, inHours(4));
  assert.deepEqual(
    drawn.lanes.map(({ stretches }) => stretches.map(({ course }) => course)),
    [
      ["stops", "passes"],
      ["passes", "waits", "passes"],
    ],
  );
  assert.deepEqual(
    drawn.joint.map(({ course, span }) => [course, span.from.toString()]),
    [
      ["stops", inHours(0).toString()],
      ["waits", inHours(2).toString()],
      ["passes", inHours(3).toString()],
    ],
  );
  assert.equal(drawn.joint.at(-1)?.span.to.toString(), inHours(4).toString());
});

test("A lane with too many stretches is cut, and the joint lane with it", () => {
  const restless = Array.from({ length: 400 }, (_, hour): Course => (hour % 2 === 0 ? "passes" : "waits"));
  const { lanes, joint } = outline([hourly("a", restless)], facts, inHours(400));
  assert.equal(lanes[0]?.stretches.length, maxStretches);
  assert.equal(lanes[0]?.cutAt?.toString(), inHours(maxStretches).toString());
  assert.equal(joint.at(-1)?.span.to.toString(), inHours(maxStretches).toString());
});

test("A rule that throws stops throughout, and the others are drawn", () => {
  const broken = { ...hourly("broken", ["passes"]), judge: () => assert.fail("boom") };
  const { lanes, joint } = outline([broken, hourly("a", ["passes"])], facts, inHours(2));
  assert.match(lanes[0]?.stretches[0]?.sentence ?? "", /broken could not judge.*boom/);
  assert.deepEqual(
    joint.map(({ course }) => course),
    ["stops"],
  );
});

test("At every instant the joint lane passes exactly where the verdict of that instant allows", () => {
  const course = fc.constantFrom<Course>("passes", "passes", "too-short", "waits", "stops");
  const lists = fc.array(fc.array(course, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(lists, fc.integer({ min: 0, max: 11 }), (all, hour) => {
      const rules = all.map((courses, place) => hourly(`rule-${place}`, courses));
      const at = inHours(hour);
      const { joint } = outline(rules, facts, inHours(12));
      const here = joint.find(({ span }) => Temporal.Instant.compare(at, span.to) < 0);
      const { decision } = evaluateAt(rules, facts, at, { hash: fakeHash, zoneData: "2026c" });
      assert.equal(here?.course === "passes", decision === "allow");
    }),
  );
});

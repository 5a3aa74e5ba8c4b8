import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Plan, PlanStep } from "#core/plan/plan.ts";
import { pathOf, wayBackSeconds } from "#core/plan/timing.ts";
import { widthOf } from "#core/plan/width.ts";

/** Each step needs some of those before it. */
const graphs = fc
  .array(fc.record({ seconds: fc.integer({ min: 1, max: 50 }), needs: fc.bigInt({ min: 0n, max: 1023n }) }), {
    minLength: 1,
    maxLength: 10,
  })
  .map((drawn) =>
    drawn.map(({ seconds, needs }, index): PlanStep => ({
      name: `s${index}`,
      after: drawn.slice(0, index).flatMap((_, other) => ((needs >> BigInt(other)) & 1n ? [`s${other}`] : [])),
      action: { kind: "record", text: "Done." },
      timeoutSeconds: seconds,
      attempts: 1,
      compensation: { kind: "none-needed" },
      uses: [],
    })),
  );

function planOf(steps: readonly PlanStep[], parallel: number): Plan {
  return { steps, rollback: [], parallel, withinSeconds: 1_000_000 };
}

/** When all are over if each takes as long as it may, second by second. */
function played(steps: readonly PlanStep[], parallel: number): number {
  const left = new Map(steps.map(({ name, timeoutSeconds }) => [name, timeoutSeconds]));
  const underWay = new Set<string>();
  for (let second = 0; ; second++) {
    for (const name of underWay) if (left.get(name) === 0) underWay.delete(name);
    for (const { name, after, timeoutSeconds } of steps) {
      const isReady =
        left.get(name) === timeoutSeconds && !underWay.has(name) && after.every((need) => left.get(need) === 0);
      if (isReady && underWay.size < parallel) underWay.add(name);
    }
    if (underWay.size === 0) return second;
    for (const name of underWay) left.set(name, (left.get(name) ?? 0) - 1);
  }
}

/** Most steps of which none needs another, by looking at every set of them. */
function widthByLooking(steps: readonly PlanStep[]): number {
  const needs = new Map<string, Set<string>>();
  for (const { name, after } of steps) {
    needs.set(name, new Set([...after, ...after.flatMap((need) => [...(needs.get(need) ?? [])])]));
  }
  let most = 0;
  for (let set = 1; set < 1 << steps.length; set++) {
    const chosen = steps.filter((_, index) => (set >> index) & 1);
    if (
      chosen.length > most &&
      chosen.every(({ name }) => chosen.every((other) => needs.get(name)?.has(other.name) !== true))
    )
      most = chosen.length;
  }
  return most;
}

test("no run takes longer than a part is said to take, whatever number of places it has", () => {
  fc.assert(
    fc.property(graphs, fc.integer({ min: 1, max: 6 }), (steps, parallel) => {
      const { seconds, crowdedSeconds } = pathOf(planOf(steps, parallel), "forward");
      const longest = played(steps, parallel);
      assert.ok(longest <= seconds, `${longest} > ${seconds}`);
      if (crowdedSeconds === 0) assert.equal(longest, seconds, "where all that can meet have a place it is exact");
    }),
    { numRuns: 500 },
  );
});

test("as many steps can meet as the largest set of which none needs another", () => {
  fc.assert(
    fc.property(graphs, (steps) => assert.equal(widthOf(steps), widthByLooking(steps))),
    { numRuns: 200 },
  );
});

test("four ways back of an hour through two places take up to two and a half hours", () => {
  const steps = ["a", "b", "c", "d"].map((name): PlanStep => ({
    name,
    after: [],
    action: { kind: "record", text: "Done." },
    timeoutSeconds: 3600,
    attempts: 1,
    compensation: { kind: "none-needed" },
    uses: [],
  }));
  assert.equal(wayBackSeconds({ ...planOf([], 2), rollback: steps }), 9000);
  assert.equal(wayBackSeconds({ ...planOf([], 4), rollback: steps }), 3600);
});

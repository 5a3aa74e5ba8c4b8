import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { guardProblems } from "#core/plan/check-guards.ts";
import { planProblems } from "#core/plan/check.ts";
import { latestRollbackStart } from "#core/plan/timing.ts";
import { fitWaves } from "./wave-fit.ts";
import { fittingOrders, fitQuestion, type OrderQuestion } from "./wave-orders.ts";
import { wavesOf, type WavePlan } from "./wave-plan.ts";
import { planOfWaves } from "./waves-to-plan.ts";

const hour = 3_600_000;

const plan = (given: Partial<WavePlan>): WavePlan => ({
  name: "world",
  version: "sha256:1",
  owner: "payments",
  summary: "",
  overseer: null,
  service: "checkout",
  regions: [{ name: "emea", environments: Array.from({ length: 12 }, (_, n) => `emea-${n}`) }],
  growth: null,
  soak: { seconds: 1800, isReported: true },
  mixLimitSeconds: null,
  targetSeconds: 1800,
  whenFailed: "take-back",
  ...given,
});

const sizes = (one: WavePlan, risk: "high" | "low") =>
  wavesOf(one, risk).map(({ environments }) => environments.length);

test("twelve targets at high risk go as one, three and the rest", () => {
  assert.deepEqual(sizes(plan({}), "high"), [1, 3, 8]);
  assert.deepEqual(sizes(plan({}), "low"), [3, 9]);
  assert.deepEqual(sizes(plan({ growth: [] }), "high"), [12]);
});

test("waves grow from region to region and never reach into two", () => {
  const regions = [
    { name: "emea", environments: ["e1", "e2"] },
    { name: "amer", environments: ["a1", "a2", "a3", "a4", "a5"] },
    { name: "apac", environments: ["p1"] },
  ];
  assert.deepEqual(
    wavesOf({ regions, growth: [1, 3, 2] }, "high").map(
      ({ region, environments }) => `${region} ${environments.length}`,
    ),
    ["emea 1", "emea 1", "amer 2", "amer 3", "apac 1"],
  );
});

const opening = (from: number, to: number) => [{ fromMs: from * hour, toMs: to * hour }];
const world: OrderQuestion = {
  plan: plan({
    regions: ["emea", "apac", "amer"].map((name) => ({ name, environments: [name] })),
    growth: [],
  }),
  risk: "high",
  targets: new Map(
    [
      { environment: "emea", openings: opening(0, 6) },
      { environment: "apac", openings: opening(36, 42) },
      { environment: "amer", openings: [...opening(8, 14), ...opening(40, 46)] },
    ].map((target) => [target.environment, { ...target, lengthMs: hour / 2 }]),
  ),
  soakMs: hour / 2,
  notBeforeMs: 0,
  mixLimitMs: 34 * hour,
};

test("where the order as written mixes for too long, orders that fit are offered, the earliest end first", () => {
  const long = fitWaves(fitQuestion(world));
  assert.ok(long.kind === "mixed-too-long");
  assert.equal(long.fit.mixMs, 35 * hour);
  const offers = fittingOrders({ ...world, mixLimitMs: 31 * hour });
  assert.deepEqual(
    offers.map(({ regions }) => regions.join(" ")),
    ["emea amer apac"],
  );
  assert.equal(offers[0]?.fit.mixMs, 31 * hour);
});

test("a failing wave stops all that come behind it, and what was done is taken back", () => {
  const answer = fitWaves({ ...fitQuestion(world), mixLimitMs: null });
  assert.ok(answer.kind === "fits");
  const steps = planOfWaves({ plan: plan(world.plan), version: "2.0.0", fit: answer.fit, atMs: 0 });
  assert.deepEqual(
    steps.steps.map(({ name, after }) => `${name} < ${after.join(",")}`),
    [
      "deploy-emea < ",
      "soak-emea < deploy-emea",
      "deploy-apac < soak-emea",
      "soak-apac < deploy-apac",
      "deploy-amer < soak-apac",
      "soak-amer < deploy-amer",
    ],
  );
  assert.deepEqual(
    steps.rollback.map(({ name }) => name),
    ["back-emea", "back-apac", "back-amer"],
  );
});

const region = fc.integer({ min: 1, max: 4 });
const anyPlan = fc
  .record({
    sizes: fc.array(region, { minLength: 1, maxLength: 4 }),
    growth: fc.option(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 })),
    soak: fc.record({ seconds: fc.integer({ min: 60, max: 7200 }), isReported: fc.boolean() }),
    mixLimitSeconds: fc.option(fc.integer({ min: 3600, max: 5 * 24 * 3600 })),
    targetSeconds: fc.integer({ min: 60, max: 3600 }),
    whenFailed: fc.constantFrom("take-back" as const, "stay" as const),
    starts: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 16, maxLength: 16 }),
  })
  .map(({ sizes: counts, starts, ...rest }) => {
    const regions = counts.map((count, r) => ({
      name: `r${r}`,
      environments: Array.from({ length: count }, (_, n) => `r${r}-${n}`),
    }));
    return { plan: plan({ ...rest, regions }), starts };
  });

test("a plan of waves that fit has no problem, and turns back before old and new run beside each other for too long", () => {
  let planned = 0;
  fc.assert(
    fc.property(anyPlan, ({ plan: one, starts }) => {
      const environments = one.regions.flatMap((each) => each.environments);
      const targets = new Map(
        environments.map((environment, n) => {
          const from = starts[n] ?? 0;
          const openings = [...opening(from, from + 6), ...opening(from + 48, from + 54)];
          return [environment, { environment, openings, lengthMs: one.targetSeconds * 1000 }];
        }),
      );
      const mixLimitMs = one.mixLimitSeconds === null ? null : one.mixLimitSeconds * 1000;
      const soakMs = one.soak.seconds * 1000;
      const answer = fitWaves(fitQuestion({ plan: one, risk: "high", targets, soakMs, notBeforeMs: 0, mixLimitMs }));
      if (answer.kind !== "fits") return;
      planned += 1;
      const made = planOfWaves({ plan: one, version: "2.0.0", fit: answer.fit, atMs: 0 });
      assert.deepEqual([...planProblems(made), ...guardProblems(made)], []);
      if (one.mixLimitSeconds === null) return;
      const first = Math.min(...answer.fit.waves.flat().map(({ startMs }) => startMs));
      const turnMs = latestRollbackStart(made, Temporal.Instant.fromEpochMilliseconds(0)).epochMilliseconds;
      const lastSoakMs = (made.steps.at(-1)?.timeoutSeconds ?? 0) * 1000;
      const slackMs = 120_000 + 1000 * answer.fit.waves.length * 2;
      const allowed = Math.max(
        mixLimitMs ?? 0,
        answer.fit.mixMs + (answer.fit.waves.length - 1) * (soakMs / 10 + 61_000),
      );
      assert.ok(turnMs - lastSoakMs - first <= allowed + slackMs, `${turnMs} ${lastSoakMs} ${first} ${allowed}`);
    }),
    { numRuns: 500 },
  );
  assert.ok(planned > 100, `${planned} of them fit`);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { trafficRefusals, type TrafficAbilities } from "#core/rollout/traffic-abilities.ts";

const coarse: TrafficAbilities = {
  driver: "haproxy",
  finestPercent: 0.4,
  exactWithin: 0.05,
  mostVersions: 8,
  sticky: false,
  cohorts: false,
  losesNothing: true,
};
const plain = { sticky: false, cohorts: false };

test("Shares that the proxy can give are no reason to refuse, and neither are nothing and everything", () => {
  assert.deepEqual(trafficRefusals(coarse, { percents: [0, 0.4, 5, 50, 99.6, 100], ...plain }), []);
});

for (const [percent, sentence] of [
  [0.1, "haproxy cannot give 0.1 %: its finest share is 0.4 %"],
  [99.9, "haproxy cannot give 99.9 %: its finest share is 0.4 %"],
  [-1, "-1 % is no share of traffic; a share is from 0 to 100"],
  [100.5, "100.5 % is no share of traffic; a share is from 0 to 100"],
  [Number.NaN, "NaN % is no share of traffic; a share is from 0 to 100"],
] as const) {
  test(`A share of ${percent} % is refused, with the reason`, () => {
    assert.deepEqual(trafficRefusals(coarse, { percents: [5, percent, 100], ...plain }), [sentence]);
  });
}

test("Sessions and cohorts are refused where the proxy knows neither, each with its reason", () => {
  const refusals = trafficRefusals(coarse, { percents: [100], sticky: true, cohorts: true });
  assert.deepEqual(refusals, [
    "haproxy cannot keep sessions at their version",
    "haproxy cannot send a cohort to a version",
  ]);
  const able = { ...coarse, sticky: true, cohorts: true };
  assert.deepEqual(trafficRefusals(able, { percents: [100], sticky: true, cohorts: true }), []);
});

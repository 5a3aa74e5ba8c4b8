import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import type { PlaceAbilities } from "#core/catalog/environment.ts";
import type { RolloutTraits } from "#core/catalog/service.ts";
import { chooseMethod, type PastRollout } from "#core/rollout/choice.ts";
import type { RolloutCase } from "#core/rollout/method.ts";
import { rolloutMethods } from "#core/rollout/method-registry.ts";
import { methodIds, type MethodId } from "#core/rollout/strategy.ts";
import type { TrafficAbilities } from "#core/rollout/traffic-abilities.ts";
import { at } from "#core/testing.ts";

const aCase = (traits: RolloutTraits = {}, place: PlaceAbilities = {}): RolloutCase => ({
  service: "checkout-api",
  environment: "prod-apac",
  traits,
  place,
  routing: null,
});

const whyNot = (about: RolloutCase, method: MethodId): readonly string[] =>
  chooseMethod(about, [])
    .excluded.find((each) => each.method === method)
    ?.reasons.map(({ code }) => code) ?? [];
const ranking = (about: RolloutCase, history: readonly PastRollout[] = []): readonly MethodId[] =>
  chooseMethod(about, history).ranked.map(({ method }) => method);

test("The registry lists every file of the folder, in the order of the set, each under its own name", () => {
  const folder = readdirSync(new URL("methods/", import.meta.url));
  assert.deepEqual(
    Object.keys(rolloutMethods)
      .map((id) => `${id}.ts`)
      .toSorted(),
    folder.toSorted(),
  );
  assert.deepEqual(Object.keys(rolloutMethods), [...methodIds]);
  for (const [id, method] of Object.entries(rolloutMethods)) assert.equal(method.id, id);
});

test("A service of which nothing is said can have the canary, as before, and nothing that must be known to fit", () => {
  assert.deepEqual(ranking(aCase()), ["canary"]);
  assert.deepEqual(whyNot(aCase(), "blue-green"), ["writers-unknown"]);
  assert.deepEqual(whyNot(aCase(), "stop-start"), ["downtime-unknown"]);
  assert.deepEqual(whyNot(aCase(), "replica-switch-over"), ["no-replicas"]);
});

test("A single writer excludes blue-green, and the replica switch-over is advised", () => {
  const orders = aCase({ writers: "single", volumes: true, downtimeSeconds: 60 }, { replicas: true });
  assert.deepEqual(ranking(orders), ["replica-switch-over", "stop-start"]);
  assert.deepEqual(whyNot(orders, "blue-green"), ["single-writer", "own-volume"]);
  const { excluded } = chooseMethod({ ...orders, service: "orders-db" }, []);
  assert.equal(
    excluded.find(({ method }) => method === "blue-green")?.reasons[0]?.sentence,
    "orders-db has a single writer, and two versions at a time would both write",
  );
});

test("Without metrics that tell versions apart the canary is excluded until they are there", () => {
  const blind = aCase({ writers: "many", versionMetrics: false });
  assert.deepEqual(whyNot(blind, "canary"), ["no-version-metrics"]);
  assert.deepEqual(ranking(blind), ["blue-green", "rolling"]);
  assert.equal(ranking(aCase({ writers: "many", versionMetrics: true }))[0], "canary");
});

const embedded: TrafficAbilities = {
  driver: "embedded",
  finestPercent: 0.001,
  exactWithin: 0.0005,
  mostVersions: 50,
  sticky: true,
  cohorts: true,
  losesNothing: true,
};

test("Blue-green is excluded where the proxy would end sessions, and not where a store keeps them", () => {
  const forgetful = { ...embedded, driver: "plain", sticky: false };
  const about = (traits: RolloutTraits): RolloutCase => ({
    ...aCase({ writers: "many", ...traits }),
    routing: forgetful,
  });
  assert.deepEqual(whyNot(about({ sessions: "sticky" }), "blue-green"), ["sessions-would-end"]);
  assert.deepEqual(whyNot(about({}), "blue-green"), ["sessions-would-end"], "nobody has said that there are none");
  assert.deepEqual(whyNot(about({ sessions: "shared-store" }), "blue-green"), []);
  assert.deepEqual(whyNot({ ...about({ sessions: "sticky" }), routing: embedded }, "blue-green"), []);
});

test("No room for two versions leaves what runs one at a time, and a fast way back excludes what is slow", () => {
  const narrow = aCase({ writers: "many", downtimeSeconds: 30, rollbackSeconds: 45 }, { parallel: false });
  assert.deepEqual(ranking(narrow), []);
  assert.deepEqual(whyNot(narrow, "stop-start"), ["way-back-too-slow"]);
  assert.deepEqual(ranking({ ...narrow, traits: { downtimeSeconds: 30, rollbackSeconds: 60 } }), ["stop-start"]);
  assert.deepEqual(whyNot(aCase({ downtimeSeconds: 0 }), "stop-start"), ["no-downtime"]);
});

const quiet = (day: number, overrides: Partial<PastRollout> = {}): PastRollout => ({
  deployment: `dep_${String(day).padStart(32, "0")}`,
  service: "checkout-api",
  environment: "prod-apac",
  method: "canary",
  endedAt: at(`2026-03-0${day}T08:00Z`),
  hadTooLittleTraffic: true,
  ...overrides,
});

test("Three canaries in a row with too little traffic change the advice in that environment, and are cited", () => {
  const about = aCase({ writers: "many", impact: "high" });
  assert.equal(ranking(about)[0], "canary");
  const history = [quiet(1), quiet(2), quiet(3)];
  const { ranked } = chooseMethod(about, history);
  assert.equal(ranked[0]?.method, "blue-green");
  const canary = ranked.find(({ method }) => method === "canary");
  assert.deepEqual(
    canary?.cites,
    [quiet(3), quiet(2), quiet(1)].map(({ deployment }) => deployment),
  );
  assert.match(canary?.weights.at(-1)?.sentence ?? "", /the last 3 in prod-apac had too little traffic.*dep_0+3/);
  assert.equal(ranking({ ...about, environment: "prod-emea" }, history)[0], "canary", "elsewhere nothing changes");
});

test("Two such canaries, or one that was judged since, are no pattern", () => {
  const about = aCase({ writers: "many" });
  assert.equal(ranking(about, [quiet(1), quiet(2)])[0], "canary");
  assert.equal(ranking(about, [quiet(1), quiet(2), quiet(3), quiet(4, { hadTooLittleTraffic: false })])[0], "canary");
  assert.equal(
    ranking(
      about,
      [1, 2, 3].map((day) => quiet(day, { method: "rolling" })),
    )[0],
    "canary",
  );
});

test("Every method is either ranked or excluded with a reason, whatever is said", () => {
  for (const writers of ["none", "single", "many"] as const)
    for (const versionMetrics of [true, false])
      for (const parallel of [true, false]) {
        const { ranked, excluded } = chooseMethod(aCase({ writers, versionMetrics }, { parallel }), []);
        const all = [...ranked, ...excluded].map(({ method }) => method);
        assert.deepEqual(all.toSorted(), [...methodIds].toSorted());
        for (const { reasons } of excluded) {
          assert.ok(reasons.length > 0);
          for (const { remedy } of reasons) assert.match(remedy, /^[A-Z].*\.$/);
        }
      }
});

test("Blue-green watches for as long as the old colour is kept, and rolling waits for no sample", () => {
  const stages = [{ percent: 100, minSeconds: 60, maxSeconds: 300, minRequests: 50 }];
  const strategy = { name: "s", scope: {}, priority: 0, stages, holdSeconds: 600 };
  assert.deepEqual(rolloutMethods["blue-green"].stages(strategy), [
    { percent: 100, minSeconds: 600, maxSeconds: 900, minRequests: 50 },
  ]);
  assert.deepEqual(rolloutMethods.rolling.stages(strategy)[0]?.minRequests, 0);
  assert.deepEqual(rolloutMethods.canary.stages(strategy), stages);
});

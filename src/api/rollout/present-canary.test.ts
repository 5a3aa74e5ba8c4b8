import assert from "node:assert/strict";
import { test } from "node:test";
import { presentNow, presentStages } from "#api/rollout/present-canary.ts";
import type { StageLook } from "#core/rollout/looks.ts";
import { newId } from "#runtime/ids.ts";
import type { StepKind, TimelineEvent } from "#usecases/records.ts";

const plan = [5, 50, 100].map((percent) => ({ percent, minSeconds: 60, maxSeconds: 900, minRequests: 50 }));

function line(step: StepKind, detail: unknown = null): TimelineEvent {
  const at = Temporal.Instant.from("2026-06-01T10:00Z");
  return {
    deployment: newId<"DeploymentId">("deployment"),
    at,
    step,
    name: step,
    phase: "done",
    sentence: ".",
    detail,
  };
}

function look(percent: number, stageRequests: number, stageSeconds: number): StageLook {
  const judged = { outcome: "not-enough", metrics: [], canaryRequests: 900, furtherRequests: 600, holds: [] } as const;
  return { second: 1000 + stageSeconds, percent, stageRequests, stageSeconds, ...judged };
}

const begun = [line("lock", { plan }), line("shift-traffic", { percent: 5 }), line("shift-traffic", { percent: 50 })];
const looks = [look(5, 120, 61), look(50, 400, 20)];

test("stages behind the run have passed, one is watched, the rest lies ahead", () => {
  const stages = presentStages(begun, looks);
  assert.deepEqual(
    stages.map(({ percent, place, requests, seconds }) => [percent, place, requests, seconds]),
    [
      [5, "passed", 120, 61],
      [50, "present", 400, 20],
      [100, "ahead", 0, 0],
    ],
  );
  assert.equal(stages[0]?.minRequests, 50);
});

test("a run that turned back left its last stage", () => {
  const back = presentStages([...begun, line("roll-back"), line("record")], looks);
  assert.deepEqual(
    back.map(({ place }) => place),
    ["passed", "left", "ahead"],
  );
});

test("a run of the version before shows its shares, and says that its limits are not known", () => {
  const [first] = presentStages([line("lock", { stages: [5, 100] }), ...begun.slice(1)], looks);
  assert.deepEqual([first?.percent, first?.minSeconds, first?.place], [5, null, "passed"]);
});

test("what is still needed is told in requests, and in seconds at the traffic of the stage", () => {
  assert.deepEqual(presentNow(looks)?.furtherSeconds, 30);
  assert.equal(presentNow([look(5, 0, 10)])?.furtherSeconds, null);
  assert.equal(presentNow([]), null);
});

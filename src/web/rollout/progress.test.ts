import assert from "node:assert/strict";
import { test } from "node:test";
import { holdOf, stageMarks, stagesOf, stepsOf } from "#web/rollout/progress.ts";
import { failing, idOf, running, tell, waiting } from "#test/web/fake-world.ts";
import { failingSteps, holdAt, makeWorld } from "#test/web/fake-scenes.ts";
import type { DeploymentDetail } from "#web/release/deployment.ts";

const now = Temporal.Instant.from("2026-11-21T12:00:00Z");

function given(id: string, world = makeWorld(() => now)): DeploymentDetail {
  const found = world.deployments.get(id);
  assert.ok(found);
  return found;
}

const shown = (deployment: DeploymentDetail) => stepsOf(deployment).map(({ id, status }) => `${id} ${status}`);

test("A canary under way shows what is done, the one stage that is watched, and what is to come", () => {
  assert.deepEqual(shown(given(running)), [
    "gate done",
    "lock done",
    "preflight done",
    "start done",
    "smoke done",
    "stage-5 done",
    "stage-25 active",
    "stage-50 upcoming",
    "stage-100 upcoming",
    "verify upcoming",
    "end upcoming",
  ]);
});

test("Waiting work stands at the gate", () => {
  const steps = stepsOf(given(waiting));
  assert.equal(steps[0]?.status, "active");
  assert.ok(steps.slice(1).every((step) => step.status === "upcoming"));
});

test("A run that turned back shows the stage that failed, the way back and the proof, and no stage it did not reach", () => {
  const steps = shown(given(idOf(0x1001)));
  assert.deepEqual(steps.slice(5), ["stage-5 done", "stage-25 failed", "roll-back done", "verify done", "end done"]);
});

test("The proof is told by the line that proved it", () => {
  const [verify, end] = stepsOf(given(idOf(0x1001))).slice(-2);
  assert.match(verify?.sentence ?? "", /answers all requests/);
  assert.deepEqual([end?.title, end?.sentence], ["Rolled back", null]);
});

test("A run that holds its position says so at its stage, goes on from there, or leaves it for the way back", () => {
  const world = makeWorld(() => now);
  const it = given(running, world);
  const stageOf = () => shown(it).find((line) => line.startsWith("stage-25"));
  assert.equal(holdOf(it), null);
  holdAt(world, running, 25);
  assert.equal(stageOf(), "stage-25 held");
  assert.equal(shown(it).filter((line) => line.endsWith(" active")).length, 0);
  assert.deepEqual(holdOf(it), { until: null });
  tell(it, now, { step: "wait", name: "hold at 25 %", sentence: "ana decided: it goes back." });
  assert.equal(holdOf(it), null);
  assert.equal(stageOf(), "stage-25 active");
  const before = it.timeline.length;
  tell(it, now, { step: "shift-traffic", name: "shift to 50 %", sentence: "50 %.", percent: 50 });
  assert.equal(stageOf(), "stage-25 done");
  it.timeline.length = before;
  tell(it, now, { step: "roll-back", name: "roll back", sentence: "All traffic goes back to 5.0.3." });
  assert.equal(stageOf(), "stage-25 left");
});

test("Exactly one step is under way while a deployment runs, at every line of its timeline", () => {
  const world = makeWorld(() => now);
  for (const step of failingSteps(world)) {
    step();
    const it = given(failing, world);
    const active = stepsOf(it).filter(({ status }) => status === "active").length;
    assert.equal(active, it.state === "running" ? 1 : 0, it.headline);
  }
});

test("The stages that the run names replace the usual ones", () => {
  const it = given(running);
  const line = { seq: 1, at: "2026-11-21T12:00:00Z", step: "lock", name: "lock", phase: "done" as const, sentence: "" };
  assert.deepEqual(stagesOf([{ ...line, detail: { stages: [10, 100] } }]), [10, 100]);
  assert.deepEqual(stagesOf(it.timeline), [5, 25, 50, 100]);
  assert.deepEqual(stagesOf([]), [5, 25, 50, 100]);
});

test("Marks of a chart are the shifts of traffic and the way back", () => {
  const marks = stageMarks(given(idOf(0x1001)).timeline).map(({ label }) => label);
  assert.deepEqual(marks, ["5 %", "25 %", "back"]);
});

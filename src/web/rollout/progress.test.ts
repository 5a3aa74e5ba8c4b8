import assert from "node:assert/strict";
import { test } from "node:test";
import { stageMarks, stagesOf, stepsOf } from "#web/rollout/progress.ts";
import { failing, idOf, running, waiting } from "#test/web/fake-world.ts";
import { failingSteps, makeWorld } from "#test/web/fake-scenes.ts";
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
  ]);
});

test("Waiting work stands at the gate", () => {
  const steps = stepsOf(given(waiting));
  assert.equal(steps[0]?.status, "active");
  assert.ok(steps.slice(1).every((step) => step.status === "upcoming"));
});

test("A run that turned back shows the stage that failed, the way back and the proof, and no stage it did not reach", () => {
  const steps = shown(given(idOf(0x1001)));
  assert.deepEqual(steps.slice(5), ["stage-5 done", "stage-25 failed", "roll-back done", "verify done"]);
});

test("The proof is told by the line that proved it", () => {
  const verify = stepsOf(given(idOf(0x1001))).at(-1);
  assert.match(verify?.sentence ?? "", /answers all requests/);
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

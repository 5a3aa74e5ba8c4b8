import assert from "node:assert/strict";
import { test } from "node:test";
import { openActs } from "#test/plan/act-plane.ts";
import { callOf } from "#test/plan/plane.ts";

const documents = `apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: dark-launch }
spec:
  owner: checkout
  within: P1D
  steps:
    - { name: show, timeout: PT5M, flag: { service: checkout-api, environment: prod, flag: new-cart, to: on } }
    - { name: look, after: [show], timeout: PT1H, humanTask: { who: compliance, instruction: Look at the cart. } }
  rollback: [{ name: told, timeout: PT1H, record: "It was switched back." }]
---
apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: lost }
spec:
  owner: checkout
  within: P1D
  steps:
    - { name: show, timeout: PT5M, flag: { service: checkout-api, environment: prod, flag: no-such-flag, to: on } }
  rollback: [{ name: told, timeout: PT1H, record: "Nothing was switched." }]
`;
const place = { project: "default", flag: "new-cart", environment: "prod" };

test("A flag is switched and seen, and the way back switches it to what it was", async () => {
  await using plane = await openActs(documents);
  const { run } = await plane.start("dark-launch");
  assert.equal(await plane.carryOutNext(), "forward/show done");
  assert.equal(plane.flags.truth(place), true);
  const [show] = (await plane.show(run.id)).steps;
  assert.equal(show?.outcome, "new-cart is on in prod, seen where it is kept.");
  const turned = await plane.plans.turnRun({ id: run.id, reason: "The cart is empty." }, callOf("olga"));
  assert.ok(turned.ok);
  assert.deepEqual(await plane.carryOut(), ["undo/show done"]);
  assert.equal(plane.flags.truth(place), false);
  assert.deepEqual(plane.flags.switched, ["new-cart on", "new-cart off"]);
  assert.equal((await plane.show(run.id)).run.state, "aborted");
});

test("A flag that is told to be switched and is not fails the step, and an unknown one is named", async () => {
  await using lying = await openActs(documents, {}, { lies: true });
  const first = await lying.start("dark-launch");
  assert.equal(await lying.carryOutNext(), "forward/show failed");
  assert.match((await lying.show(first.run.id)).steps[0]?.outcome ?? "", /shows that it is not/);
  await using plane = await openActs(documents);
  const { run } = await plane.start("lost");
  assert.equal(await plane.carryOutNext(), "forward/show failed");
  assert.match((await plane.show(run.id)).steps[0]?.outcome ?? "", /There is no flag no-such-flag/);
});

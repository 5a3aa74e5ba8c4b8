import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { makeIsAwaited, prepareCall } from "#usecases/plan/make-call.ts";
import { openCalls } from "#test/plan/plane.ts";

const documents = `apiVersion: tidegate.dev/v1
kind: Resource
metadata: { name: cluster }
spec: { owner: checkout, capacity: 2 }
---
apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: call }
spec:
  owner: checkout
  within: PT8H
  steps:
    - { name: move, timeout: PT1H, uses: [{ resource: cluster }], http: { url: "https://ops.example/move" }, irreversible: So. }
  rollback: [{ name: look, timeout: PT1H, humanTask: { who: checkout, instruction: Look. } }]
`;

const numbers = z.object({ fences: z.record(z.string(), z.int()), floors: z.record(z.string(), z.int()) });

test("Who uses something together with others shows his own number and the lowest that is in use", async () => {
  await using plane = await openCalls(documents);
  const of = async (run: string) => {
    const call = await plane.transact((records) => prepareCall(records, { run, part: "forward", name: "move" }));
    return numbers.parse(JSON.parse(call?.body ?? "null"));
  };
  const [first, second, third] = [await plane.start("call"), await plane.start("call"), await plane.start("call")];
  assert.deepEqual(await of(first.run.id), { fences: { cluster: 1 }, floors: { cluster: 1 } });
  assert.deepEqual(await of(second.run.id), { fences: { cluster: 2 }, floors: { cluster: 1 } });
  await plane.answer({ run: first.run.id, part: "forward", name: "move" }, "done");
  await plane.look();
  assert.deepEqual(await of(second.run.id), { fences: { cluster: 2 }, floors: { cluster: 2 } });
  assert.deepEqual(await of(third.run.id), { fences: { cluster: 3 }, floors: { cluster: 2 } });
});

test("A call whose step has timed out is not wanted any more", async () => {
  await using plane = await openCalls(documents);
  const { run } = await plane.start("call");
  const isAwaited = makeIsAwaited(plane.transact);
  const step = { run: run.id, part: "forward", name: "move" } as const;
  assert.equal(await isAwaited(step), true);
  plane.clock.advance(Temporal.Duration.from({ minutes: 61 }));
  await plane.look();
  assert.equal(await isAwaited(step), false);
});

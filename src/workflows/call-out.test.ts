import assert from "node:assert/strict";
import { test } from "node:test";
import { attempt } from "#workflows/engine/attempt.ts";
import type { Flow } from "#workflows/flow.ts";
import type { Records } from "#usecases/records.ts";
import { sendWhileAwaited } from "#workflows/call-out.ts";

const call = { url: "https://ops.example/x", key: "k", body: "{}", attempts: 5 };
const id = { run: "run_1", part: "forward", name: "x" } as const;

/** Steps of a flow that are tried again at once. */
const flow: Pick<Flow<Records>, "step"> = {
  step: (_name, body, retry) =>
    attempt(
      retry ?? { maxAttempts: 1, firstDelayMs: 0, backoff: 1 },
      () => Promise.resolve(),
      () => body("run_1:1"),
    ),
};

test("A call is tried again while its step waits for it, and not once the step has ended", async () => {
  let sent = 0;
  const deps = {
    send: () => Promise.reject(new Error(`attempt ${++sent} failed`)),
    isAwaited: () => Promise.resolve(sent < 2),
  };
  const end = await sendWhileAwaited(deps, flow, id, call);
  assert.deepEqual([sent, end.state, end.outcome], [2, "failed", "The step had ended before the call could be sent."]);
});

test("A call that no attempt gets through fails with the last reason", async () => {
  let sent = 0;
  const deps = {
    send: () => Promise.reject(new Error(`attempt ${++sent} failed`)),
    isAwaited: () => Promise.resolve(true),
  };
  assert.deepEqual(await sendWhileAwaited(deps, flow, id, call), { state: "failed", outcome: "attempt 5 failed" });
});

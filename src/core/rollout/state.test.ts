import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  decide,
  deploymentStates,
  evolve,
  isTerminal,
  type DeploymentEvent,
  type DeploymentState,
} from "#core/rollout/state.ts";

const events: readonly DeploymentEvent[] = [
  { kind: "allowed" },
  { kind: "blocked" },
  { kind: "started" },
  { kind: "went-live" },
  { kind: "went-back", because: "worse" },
  { kind: "went-back", because: "abort" },
  { kind: "never-changed" },
  { kind: "lost-sight" },
  { kind: "cancelled" },
  { kind: "rejected" },
];

function after(...path: readonly DeploymentEvent[]): DeploymentState | "impossible" {
  let state: DeploymentState = "waiting";
  for (const event of path) {
    const moved = evolve(state, event);
    if (!moved.ok) return "impossible";
    state = moved.value;
  }
  return state;
}

for (const [title, path, state] of [
  ["goes live", [events[0], events[2], events[3]], "succeeded"],
  ["goes back because it is worse", [events[0], events[2], events[4]], "rolled-back"],
  ["goes back because a person said so", [events[0], events[2], events[5]], "aborted"],
  ["waits again when a freeze comes before the start", [events[0], events[1]], "waiting"],
  ["is rejected while it waits", [events[9]], "rejected"],
  ["cannot start without having been allowed", [events[2]], "impossible"],
  ["cannot be cancelled once it runs: it has to go back", [events[0], events[2], events[8]], "impossible"],
] as const) {
  test(`a deployment ${title}`, () => assert.equal(after(...path.filter((event) => event !== undefined)), state));
}

test("a terminal state is final, whatever happens", () => {
  fc.assert(
    fc.property(fc.constantFrom(...deploymentStates.filter(isTerminal)), fc.constantFrom(...events), (state, event) => {
      assert.equal(evolve(state, event).ok, false);
    }),
  );
});

test("from every state that is not terminal an end can be reached", () => {
  for (const state of deploymentStates.filter((candidate) => !isTerminal(candidate))) {
    const reached = new Set<DeploymentState>([state]);
    for (const from of reached) {
      for (const event of events) {
        const moved = evolve(from, event);
        if (moved.ok) reached.add(moved.value);
      }
    }
    assert.ok([...reached].some(isTerminal), state);
  }
});

test("ending a run means going back first", () => {
  assert.deepEqual(decide("running", { kind: "abort" }), { ok: true, value: { kind: "go-back" } });
  assert.deepEqual(decide("running", { kind: "reject" }), { ok: true, value: { kind: "go-back" } });
});

test("what a command comes to can always be recorded", () => {
  const commands = [
    { kind: "admit", decision: "allow" },
    { kind: "admit", decision: "deny" },
    { kind: "start" },
    { kind: "abort" },
    { kind: "reject" },
  ] as const;
  for (const state of deploymentStates) {
    for (const command of commands) {
      const order = decide(state, command);
      if (order.ok && order.value.kind === "record") assert.ok(evolve(state, order.value.event).ok);
      if (isTerminal(state)) assert.equal(order.ok, false);
    }
  }
});

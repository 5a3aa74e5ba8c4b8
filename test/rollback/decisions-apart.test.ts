import assert from "node:assert/strict";
import { test } from "node:test";
import type { RollbackDecision } from "#core/rollback/decision.ts";
import { makeAdvanceDecisions } from "#usecases/rollback/advance-decisions.ts";
import type { AdmitDeps } from "#usecases/release/admit.ts";
import type { Records, Transact } from "#usecases/records.ts";
import { fromStore } from "#workflows/engine/stored.ts";

const openedAt = Temporal.Instant.from("2026-06-01T10:00Z");
const minutes = (count: number): Temporal.Duration => Temporal.Duration.from({ minutes: count });

function decision(id: string): RollbackDecision {
  const clock = { within: minutes(10), firstMessage: minutes(2), answerWithin: minutes(5) };
  const protocol = { ...clock, decider: "ann", deputy: null, tell: [], downtime: null, stakeholders: [] };
  const open = { statements: [], sent: ["decide"], ended: null, because: "It is slow." };
  return {
    ...open,
    id,
    deployment: `dep_${id}`,
    cause: "alert",
    openedAt,
    protocol: { ...protocol, whenSilent: "go-on" },
  };
}

test("a decision that cannot be carried on keeps no other clock from running, and is told", async () => {
  const all = ["a", "b", "c"].map(decision);
  const ended: string[] = [];
  const records = fromStore<Records>({
    catalog: { inForce: () => Promise.resolve({ people: new Map() }) },
    rollbackDecisions: {
      due: () => Promise.resolve(all),
      openOf: (deployment: string) => Promise.resolve(all.find((one) => one.deployment === deployment)),
      end: (id: string) => {
        if (id === "a") return Promise.reject(new Error("unreadable"));
        ended.push(id);
        return Promise.resolve();
      },
    },
    timeline: { append: () => Promise.resolve(true) },
    audit: { append: () => Promise.resolve() },
  });
  const transact: Transact = (body) => body(records);
  const deps = { ...fromStore<AdmitDeps>({}), now: () => openedAt.add({ minutes: 11 }), transact };
  await assert.rejects(makeAdvanceDecisions(deps)(), /1 of 3 decisions failed/);
  assert.deepEqual(ended, ["b", "c"]);
});

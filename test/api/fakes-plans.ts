import type { Plan } from "#core/plan/plan.ts";
import { err, ok } from "#core/result.ts";
import type { PlanOperations, RunView } from "#usecases/plan/plan-operations.ts";
import type { PlanRun } from "#usecases/plan/plan-records.ts";

const at = Temporal.Instant.from("2026-03-25T08:00:00Z");
const version = `sha256:${"c".repeat(64)}`;

/** The only run there is. */
export const fakeRunId = `run_${"0".repeat(32)}`;

const step = { after: [], timeoutSeconds: 60, attempts: 3, compensation: { kind: "none-needed" }, uses: [] } as const;
const plan: Plan = {
  steps: [
    { ...step, name: "announce", action: { kind: "record", text: "It begins." } },
    { ...step, name: "soak", action: { kind: "wait-until", moment: { after: 60 } } },
    { ...step, name: "hour", action: { kind: "wait-until", moment: { at: at.toString() } } },
    { ...step, name: "call", action: { kind: "http", url: "https://ops.example/", body: {} } },
    {
      ...step,
      name: "ship",
      action: { kind: "sub-release", service: "a", version: "1", environment: "prod", class: "normal" },
      compensation: { kind: "undo", action: { kind: "roll-back", step: "ship" } },
    },
  ],
  rollback: [
    {
      ...step,
      name: "look",
      action: { kind: "human-task", who: "operator", instruction: "Look.", form: [], whenLate: "failed" },
    },
  ],
  parallel: 5,
  withinSeconds: 3600,
};

/** One runbook with one run that answers whatever it is told; `done` hears what changes something. */
export function fakePlans(done: (operation: string) => Promise<void>): PlanOperations {
  const begun: PlanRun = {
    id: fakeRunId,
    runbook: "move",
    version,
    plan,
    reason: "It is planned.",
    owner: "operator",
    startedBy: "operator",
    account: "operator-bot",
    state: "running",
    startedAt: at,
    turnAt: at.add({ hours: 1 }),
    deadline: at.add({ hours: 2 }),
    turned: null,
    endedAt: null,
    outcome: null,
    requestKey: null,
    priority: 100,
  };
  const view = (run: Partial<PlanRun> = {}): RunView => ({ run: { ...begun, ...run }, steps: [], queues: new Map() });
  return {
    listRunbooks: async () => [{ name: "move", version, owner: "checkout", summary: "A move.", plan }],
    async startRun({ runbook, owner }) {
      await done("startRun");
      return runbook === "move" ? ok(view({ owner: owner ?? "operator" })) : err("no-such-runbook");
    },
    showRun: async (id) => (id === fakeRunId ? view() : null),
    listRuns: async () => ({ items: [begun], next: null }),
    async answerTask({ id, step: name, form }) {
      await done("answerTask");
      if (id !== fakeRunId) return err({ code: "no-such-run" });
      if (name !== "look") return err({ code: "no-such-task" });
      if (Object.keys(form).length > 0) return err({ code: "bad-answer", problems: ['The form has no field "x".'] });
      return ok(view());
    },
    async turnRun({ id, reason }, { actor }) {
      await done("turnRunBack");
      return id === fakeRunId ? ok(view({ turned: { by: actor.person, at, reason } })) : err("no-such-run");
    },
    async handOverRun({ id, to }) {
      await done("handOverRun");
      if (id !== fakeRunId) return err("no-such-run");
      return to === "nobody" ? err("no-such-person") : ok(view({ owner: to }));
    },
  };
}

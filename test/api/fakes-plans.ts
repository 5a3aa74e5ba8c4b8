import type { Plan } from "#core/plan/plan.ts";
import { err, ok } from "#core/result.ts";
import type { PlanOperations, RunView } from "#usecases/plan/plan-operations.ts";
import type { StepOperations } from "#usecases/plan/step-operations.ts";
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
      name: "window",
      action: {
        kind: "wait-for-window",
        environment: "prod",
        services: [{ service: "a", version: null }],
        action: "migrate",
        class: "normal",
        needsSeconds: null,
      },
    },
    {
      ...step,
      name: "consent",
      action: { kind: "approve", roles: ["approver"], teams: [], approvals: 1, instruction: "Look.", signature: true },
    },
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
export function fakePlans(done: (operation: string) => Promise<void>): PlanOperations & StepOperations {
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
    services: ["a"],
    oversight: { asked: "developer", present: null },
    usualSeconds: null,
    alertAt: null,
    overrun: null,
  };
  const view = (run: Partial<PlanRun> = {}): RunView => ({
    run: { ...begun, ...run },
    steps: [],
    queues: new Map(),
    acts: [],
    log: [],
    newest: version,
    overseers: ["developer"],
    of: "runbook",
    kept: { decisions: [], files: [], onCall: [], consent: null },
  });
  return {
    listRunbooks: async () => [{ name: "move", version, owner: "checkout", summary: "A move.", overseer: null, plan }],
    async startRun({ runbook, owner }) {
      await done("startRun");
      return runbook === "move" ? ok(view({ owner: owner ?? "operator" })) : err("no-such-runbook");
    },
    showRun: async (id) => (id === fakeRunId ? view() : null),
    criteriaOf: async (id) => (id === fakeRunId ? [] : null),
    listRuns: async () => ({ items: [{ run: begun, steps: [] }], next: null }),
    async showRunbook(name) {
      if (name !== "move") return err("no-such-runbook");
      const shown = { version, from: at, to: null, appliedBy: "operator", place: "move.yaml:1" };
      const runbook = { name, version, owner: "checkout", summary: "A move.", overseer: null, plan };
      return ok({ runbook, shown, text: "kind: Runbook", versions: [shown], usualSeconds: null });
    },
    async listResources() {
      const shipped = { run: fakeRunId, part: "forward", name: "ship" } as const;
      const place = { key: "x", step: shipped, runbook: "move", owner: "operator", priority: 10, seq: 1, askedAt: at };
      const times = { begunAt: at, deadline: at.add({ hours: 1 }), uses: [{ resource: "db", units: 1 }] };
      const holder = { ...place, ...times, isHeld: true, heldAt: at };
      const waiting = { ...place, ...times, isHeld: false, heldAt: null, expected: { from: at, to: at } };
      return [{ resource: { name: "db", owner: "checkout", capacity: 1 }, holders: [holder], waiting: [waiting] }];
    },
    async listTasks() {
      const asked = { run: fakeRunId, part: "rollback", name: "look", begunAt: at, deadline: at, notes: null } as const;
      return { steps: [{ run: begun, step: asked, consent: null }], unseen: [begun] };
    },
    async overseeRun({ id }, { actor }) {
      await done("overseeRun");
      if (id !== fakeRunId) return err({ code: "no-such-run" });
      if (actor.person !== "developer") return err({ code: "not-asked", who: "developer" });
      return ok(view({ oversight: { asked: "developer", present: { person: actor.person, since: at } } }));
    },
    async noteOnRun({ id, kind, text }, { actor }) {
      await done("noteOnRun");
      if (id !== fakeRunId) return err("no-such-run");
      const entry = {
        at,
        person: actor.person,
        action: "run.note",
        object: id,
        outcome: kind,
        reason: text,
        after: null,
      };
      return ok({ ...view(), log: [entry] });
    },
    async answerTask({ id, step: name, form }) {
      await done("answerTask");
      if (id !== fakeRunId) return err({ code: "no-such-run" });
      if (name !== "look") return err({ code: "no-such-task" });
      if (Object.keys(form).length > 0) return err({ code: "bad-answer", problems: ['The form has no field "x".'] });
      return ok(view());
    },
    async decideStep({ id, step: name }) {
      await done("decideStep");
      if (id !== fakeRunId) return err("no-such-run");
      return name === "consent" ? ok(view()) : err("no-such-task");
    },
    async signStep({ id, step: name }) {
      await done("signStep");
      if (id !== fakeRunId) return err("no-such-run");
      const given = { text: `sg_${"0".repeat(32)}_${"0".repeat(64)}`, digest: version, expiresAt: at };
      return name === "look" ? ok(given) : err("no-such-task");
    },
    listMessages: async () => ({ items: [{ run: fakeRunId, at, text: "It begins." }], next: null }),
    readFile: async (id) => (id === fakeRunId ? { name: "a.txt", content: Buffer.from("hi") } : null),
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

import { z } from "zod";
import { deploymentId, entityName, instant, pageQuery } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

const reason = z.string().min(1).max(2000);
const part = z.enum(["forward", "undo", "rollback"]);

const formField = z.strictObject({
  name: z.string(),
  label: z.string(),
  type: z.enum(["text", "number", "yes-no", "link"]),
  required: z.boolean(),
});
const formAnswer = z.record(z.string().min(1).max(100), z.union([z.string().max(2000), z.number(), z.boolean()]));

const queuePlace = z
  .strictObject({
    resource: z.string(),
    capacity: z.int(),
    /** 1 is the next. */
    position: z.int(),
    holders: z.array(z.strictObject({ run: z.string(), part, name: z.string(), until: instant.nullable() })),
    /** When it may begin, by what steps of these names took before. */
    expected: z.strictObject({ from: instant, to: instant }).nullable(),
  })
  .meta({ id: "QueuePlace" });

export const runStep = z
  .strictObject({
    part,
    name: z.string(),
    after: z.array(z.string()),
    kind: z.enum(["wait-until", "human-task", "http", "sub-release", "roll-back", "record", "wait-for-window"]),
    /** One sentence: what it does. */
    does: z.string(),
    /** Seconds from its begin. */
    timeout: z.int(),
    /** `pending`: it has not begun. */
    state: z.enum(["pending", "queued", "running", "done", "skipped", "failed", "refused", "cancelled"]),
    begunAt: instant.nullable(),
    deadline: instant.nullable(),
    endedAt: instant.nullable(),
    /** How it ended, for a person. */
    outcome: z.string().nullable(),
    deployment: deploymentId.nullable(),
    /** What is asked of whom; null: nothing. */
    task: z.strictObject({ who: z.string(), form: z.array(formField) }).nullable(),
    answer: z.strictObject({ by: z.string(), form: formAnswer }).nullable(),
    /** Why it waits, when it goes on by itself as far as that is known, and how long it then has to stay open. */
    waits: z
      .strictObject({ because: z.array(z.string()), until: instant.nullable(), needsSeconds: z.int() })
      .nullable(),
    uses: z.array(z.strictObject({ resource: z.string(), units: z.int() })),
    /** Where it stands in the queues of what it uses; empty when it waits for nobody. */
    queue: z.array(queuePlace),
  })
  .meta({ id: "RunStep" });

const runHead = {
  id: z.string(),
  runbook: z.string(),
  /** Digest of the runbook with which it began. */
  version: z.string(),
  reason: z.string(),
  /** Who answers for it. */
  owner: z.string(),
  startedBy: z.string(),
  state: z.enum(["running", "succeeded", "failed", "aborted", "rolled-back", "needs-human"]),
  startedAt: instant,
  /** The way back begins by itself then. */
  latestRollbackStart: instant,
  deadline: instant,
  turned: z.strictObject({ by: z.string(), at: instant, reason: z.string() }).nullable(),
  endedAt: instant.nullable(),
  outcome: z.string().nullable(),
};

export const runSummary = z.strictObject(runHead).meta({ id: "RunSummary" });
export const run = z.strictObject({ ...runHead, steps: z.array(runStep) }).meta({ id: "Run" });

export const runbook = z
  .strictObject({
    name: z.string(),
    version: z.string(),
    owner: z.string(),
    summary: z.string(),
    /** Seconds from begin to end, way back included. */
    within: z.int(),
    /** Seconds before the deadline at which the way back has to begin. */
    wayBack: z.int(),
    steps: z.int(),
  })
  .meta({ id: "Runbook" });

const byRun = z.strictObject({ id: z.string().regex(/^run_[0-9a-f]{32}$/, "a run: run_ and 32 hexadecimal digits") });

export const listRunbooks = defineRoute({
  method: "get",
  path: "/v1/runbooks",
  operation: "listRunbooks",
  tag: "plan",
  summary: "Runbooks in force, by name",
  permission: "organisation.read",
  answers: { 200: z.strictObject({ items: z.array(runbook) }) },
});

export const startRun = defineRoute({
  method: "post",
  path: "/v1/runs",
  operation: "startRun",
  tag: "plan",
  summary: "Begin a run of a runbook as it is written now; its steps use your rights",
  permission: "run.start",
  body: z.strictObject({
    runbook: entityName,
    reason,
    /** Who answers for it; yourself when left out. */
    owner: entityName.nullable().default(null),
    /** First in every queue; for those who may open an emergency. Nobody is interrupted. */
    urgent: z.boolean().default(false),
  }),
  answers: { 201: run },
  problems: ["no-such-runbook", "no-such-person", "too-many-runs", "may-not-hurry"],
});

export const listRuns = defineRoute({
  method: "get",
  path: "/v1/runs",
  operation: "listRuns",
  tag: "plan",
  summary: "Runs, newest first",
  permission: "deployment.read",
  query: z.strictObject({ ...pageQuery.shape, show: z.enum(["running", "all"]).default("running") }),
  answers: { 200: z.strictObject({ items: z.array(runSummary), next: z.string().nullable() }) },
});

export const getRun = defineRoute({
  method: "get",
  path: "/v1/runs/:id",
  operation: "getRun",
  tag: "plan",
  summary: "A run with all its steps, those that have not begun included",
  permission: "deployment.read",
  params: byRun,
  answers: { 200: run },
  problems: ["no-such-run"],
});

export const answerTask = defineRoute({
  method: "post",
  path: "/v1/runs/:id/answers",
  operation: "answerTask",
  tag: "plan",
  summary: "Answer a step that asks for a person: only whom it names may, and the answer is final",
  permission: "task.answer",
  params: byRun,
  body: z.strictObject({
    part: part.default("forward"),
    step: z.string().min(1).max(100),
    outcome: z.enum(["done", "failed"]),
    note: reason,
    form: formAnswer.default({}),
  }),
  answers: { 200: run },
  problems: ["no-such-run", "no-such-task", "already-answered", "not-asked", "bad-answer"],
});

export const turnRunBack = defineRoute({
  method: "post",
  path: "/v1/runs/:id/turn-back",
  operation: "turnRunBack",
  tag: "plan",
  summary: "Turn a run back: nothing new begins, and what was done is taken back",
  permission: "run.change",
  params: byRun,
  body: z.strictObject({ reason }),
  answers: { 200: run },
  problems: ["no-such-run", "run-ended", "already-turned"],
});

export const handOverRun = defineRoute({
  method: "post",
  path: "/v1/runs/:id/hand-over",
  operation: "handOverRun",
  tag: "plan",
  summary: "Somebody else answers for a run from now on",
  permission: "run.change",
  params: byRun,
  body: z.strictObject({ to: entityName, reason }),
  answers: { 200: run },
  problems: ["no-such-run", "run-ended", "no-such-person"],
});

import { z } from "zod";
import { action, deploymentId, entityName, instant, pageQuery } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

const reason = z.string().min(1).max(2000);
export const part = z.enum(["forward", "undo", "rollback"]);

const formField = z.strictObject({
  name: z.string(),
  label: z.string(),
  type: z.enum(["text", "number", "yes-no", "link"]),
  required: z.boolean(),
});
/** More than any form asks for: a checklist has two for each item. */
const mostFields = 60;
export const formAnswer = z
  .record(z.string().min(1).max(100), z.union([z.string().max(2000), z.number(), z.boolean()]))
  .refine((form) => Object.keys(form).length <= mostFields, { error: `A form has at most ${mostFields} fields.` });

/** Three quarters of it are left of files in base64. */
export const answerBytes = 2 * 1024 * 1024;
/** Files are kept as bytes under a cleaned name, with their digest; nothing ever executes them. */
export const attachments = z.array(z.strictObject({ name: z.string().min(1).max(300), content: z.base64() })).max(5);
export const signatureText = z.string().min(1).max(200);

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

/** Every version that a step brings somewhere, with the digest of its artifact; null: none is registered. */
export const brings = z.array(
  z.strictObject({
    service: z.string(),
    version: z.string(),
    environment: z.string(),
    artifact: z.string().nullable(),
  }),
);

const stepAct = z
  .strictObject({
    environment: z.string(),
    service: z.string(),
    /** Number of the environment's lock under which the target was asked; null: not yet. */
    fence: z.int().nullable(),
    /** Why it has not begun; null: it has. */
    waitsFor: z.string().nullable(),
    /** What a command printed: cleaned, without secrets, its beginning and end; null: nothing is known. */
    output: z.strictObject({ text: z.string(), bytes: z.int(), isCut: z.boolean() }).nullable(),
  })
  .meta({ id: "StepAct" });

export const runStep = z
  .strictObject({
    part,
    name: z.string(),
    after: z.array(z.string()),
    /** Steps from which its column is counted: 0 waits for none. */
    column: z.int(),
    kind: z.enum([
      "wait-until",
      "human-task",
      "http",
      "sub-release",
      "roll-back",
      "record",
      "wait-for-window",
      "shell",
      "start-version",
      "stop-version",
      "shift-traffic",
      "traffic-back",
      "observe",
      "smoke",
      "migrate-schema",
      "digest-data",
      "turn-back",
      "judge-rehearsal",
      "flag",
      "flag-back",
      "approve",
      "lock",
      "notify",
      "preflight",
      "stay-healthy",
    ]),
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
    /** What a release of its own brings where; null: it is none. */
    release: z.strictObject({ service: z.string(), version: z.string(), environment: z.string() }).nullable(),
    /** What it waits for, until when, and what happens then; null: for nothing, it is over. */
    waitsFor: z
      .strictObject({ what: z.string(), until: instant.nullable(), afterwards: z.string().nullable() })
      .nullable(),
    /** What is asked of whom; null: nothing. */
    task: z
      .strictObject({
        who: z.string(),
        form: z.array(formField),
        /** What the step ends as when nobody has answered at its deadline. */
        whenLate: z.enum(["failed", "skipped"]),
        /** Whether the viewer may answer it now, and if not, why not. */
        answer: action,
        /** The answer needs a signature (`signStep`). */
        signature: z.boolean(),
        attachments: z.enum(["optional", "required", "none"]),
      })
      .nullable(),
    /** Consent that is asked for, and what was decided; null: none is. */
    consent: z
      .strictObject({
        roles: z.array(z.string()),
        teams: z.array(z.string()),
        /** Persons that are needed. */
        approvals: z.int(),
        signature: z.boolean(),
        /** Whether the viewer may decide now, and if not, why not. */
        decide: action,
        /** Whose approval of this content counts, while consent is asked for. */
        approvedBy: z.array(z.string()),
        /** What the run brings where, while consent is asked for. */
        brings,
        /** Of what would run: what a decision is bound to; null before it begins. */
        contentDigest: z.string().nullable(),
        decisions: z.array(
          z.strictObject({
            person: z.string(),
            decision: z.enum(["approved", "rejected"]),
            contentDigest: z.string(),
            reason: z.string(),
            at: instant,
            signed: z.boolean(),
          }),
        ),
      })
      .nullable(),
    /** What a checklist has found, with when it was seen or reported. */
    checks: z.array(
      z.strictObject({
        check: z.enum(["connectivity", "certificate", "health", "drift", "report", "item"]),
        subject: z.string(),
        outcome: z.enum(["pass", "fail", "unknown"]),
        sentence: z.string(),
        at: instant.nullable(),
      }),
    ),
    /** Who of the teams that it names is on call now. */
    contacts: z.array(
      z.strictObject({
        team: z.string(),
        persons: z.array(z.string()),
        /** Why that is not known; null: it is. */
        unknown: z.string().nullable(),
      }),
    ),
    /** Files that came with the answer. */
    files: z.array(
      z.strictObject({ name: z.string(), digest: z.string(), bytes: z.int(), by: z.string(), at: instant }),
    ),
    answer: z.strictObject({ by: z.string(), form: formAnswer }).nullable(),
    /** Why it waits, when it goes on by itself as far as that is known, and how long it then has to stay open. */
    waits: z
      .strictObject({ because: z.array(z.string()), until: instant.nullable(), needsSeconds: z.int() })
      .nullable(),
    uses: z.array(z.strictObject({ resource: z.string(), units: z.int() })),
    /** Where it stands in the queues of what it uses; empty when it waits for nobody. */
    queue: z.array(queuePlace),
    /** What it does at a target; null: nothing, or nothing yet. */
    act: stepAct.nullable(),
  })
  .meta({ id: "RunStep" });

export const runState = z.enum(["running", "succeeded", "failed", "aborted", "rolled-back", "needs-human"]);

const runHead = {
  id: z.string(),
  runbook: z.string(),
  /** Digest of the runbook with which it began. */
  version: z.string(),
  reason: z.string(),
  /** Who answers for it. */
  owner: z.string(),
  startedBy: z.string(),
  state: runState,
  startedAt: instant,
  /** The way back begins by itself then. */
  latestRollbackStart: instant,
  deadline: instant,
  turned: z.strictObject({ by: z.string(), at: instant, reason: z.string() }).nullable(),
  /** Person, team or role that has to be present while steps change something, and who is; null: not of high risk. */
  overseer: z.strictObject({ asked: z.string(), person: z.string().nullable(), since: instant.nullable() }).nullable(),
  /** What nine of ten of its runs before took at most, in seconds; null: too few. */
  usual: z.int().nullable(),
  /** Since when it takes longer than it should, and why; null: it does not. */
  overrun: z.strictObject({ at: instant, because: z.string() }).nullable(),
  /** One sentence: what it does, what it waits for, or how it ended. */
  headline: z.string(),
  endedAt: instant.nullable(),
  outcome: z.string().nullable(),
};

export const runSummary = z.strictObject(runHead).meta({ id: "RunSummary" });

/** A line of what happened, in order. */
export const runEvent = z
  .strictObject({
    at: instant,
    kind: z.enum(["run", "step", "issue", "decision", "person", "alert"]),
    /** Who did it; null: it came by itself. */
    by: z.string().nullable(),
    sentence: z.string(),
    step: z.strictObject({ part, name: z.string() }).nullable(),
  })
  .meta({ id: "RunEvent" });

export const run = z
  .strictObject({
    ...runHead,
    /** False: another version of the runbook is in force, or none. */
    isNewest: z.boolean(),
    /** What it carries out: a runbook or the waves of a wave plan of this name. */
    of: z.enum(["runbook", "wave-plan"]),
    /** What keeps steps from beginning although their turn has come. */
    findings: z.array(
      z.strictObject({
        code: z.string(),
        outcome: z.literal("hold"),
        sentence: z.string(),
        remedies: z.array(z.strictObject({ who: z.string(), what: z.string() })),
      }),
    ),
    actions: z.array(action),
    steps: z.array(runStep),
    timeline: z.array(runEvent),
  })
  .meta({ id: "Run" });

const runbookLine = {
  name: z.string(),
  version: z.string(),
  owner: z.string(),
  summary: z.string(),
  /** Seconds from begin to end, way back included. */
  within: z.int(),
  /** Seconds before the deadline at which the way back has to begin. */
  wayBack: z.int(),
  steps: z.int(),
  /** Who has to be present; null: not of high risk. */
  overseer: z.string().nullable(),
};

export const runbook = z.strictObject(runbookLine).meta({ id: "Runbook" });

export const byRun = z.strictObject({
  id: z.string().regex(/^run_[0-9a-f]{32}$/, "a run: run_ and 32 hexadecimal digits"),
});

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
  problems: ["no-such-runbook", "no-such-person", "too-many-runs", "may-not-hurry", "window-too-short"],
});

export const listRuns = defineRoute({
  method: "get",
  path: "/v1/runs",
  operation: "listRuns",
  tag: "plan",
  summary: "Runs, newest first",
  permission: "deployment.read",
  query: z.strictObject({
    ...pageQuery.shape,
    /** `late`: under way and late. */
    show: z.enum(["running", "late", "all"]).default("running"),
    state: runState.optional(),
    runbook: entityName.optional(),
    /** One that its steps deploy. */
    service: entityName.optional(),
  }),
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
    attachments: attachments.default([]),
    /** From `signStep`, for exactly this answer. */
    signature: signatureText.nullable().default(null),
  }),
  bodyLimit: answerBytes,
  answers: { 200: run },
  problems: ["no-such-run", "no-such-task", "already-answered", "not-asked", "own-consent", "bad-answer", "not-signed"],
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
  problems: ["no-such-run", "run-ended", "no-such-person", "oversees-it", "has-approved"],
});

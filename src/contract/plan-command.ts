import { z } from "zod";
import { action, entityName, instant } from "#contract/common.ts";
import { brings, run, runStep, runbook } from "#contract/plan.ts";
import { defineRoute } from "#contract/route.ts";

const reason = z.string().min(1).max(2000);
const byRun = z.strictObject({ id: z.string().regex(/^run_[0-9a-f]{32}$/, "a run: run_ and 32 hexadecimal digits") });
const part = z.enum(["forward", "undo", "rollback"]);

export const overseeRun = defineRoute({
  method: "post",
  path: "/v1/runs/:id/overseer",
  operation: "overseeRun",
  tag: "plan",
  summary: "Be present at a run of high risk as its overseer, or leave; only whom its runbook names may",
  permission: "task.answer",
  params: byRun,
  body: z.strictObject({ present: z.boolean(), reason }),
  answers: { 200: run },
  problems: ["no-such-run", "run-ended", "no-overseer-asked", "not-asked", "owner-cannot-oversee", "not-present"],
});

export const noteOnRun = defineRoute({
  method: "post",
  path: "/v1/runs/:id/notes",
  operation: "noteOnRun",
  tag: "plan",
  summary: "Note an issue or a decision on a run; nobody can change or remove it",
  permission: "task.answer",
  params: byRun,
  body: z.strictObject({ kind: z.enum(["issue", "decision"]), text: reason }),
  answers: { 201: run },
  problems: ["no-such-run", "too-many-notes"],
});

export const task = z
  .strictObject({
    run: z.string(),
    runbook: z.string(),
    part,
    step: z.string(),
    who: z.string(),
    instruction: z.string(),
    form: runStep.shape.task.unwrap().shape.form,
    whenLate: z.enum(["failed", "skipped"]),
    /** The answer needs a signature (`signStep`). */
    signature: z.boolean(),
    attachments: z.enum(["optional", "required", "none"]),
    /** Consent that is asked for (`decideStep`); null: an answer is (`answerTask`). */
    consent: z
      .strictObject({
        /** Persons that are needed, and who has approved this content. */
        approvals: z.int(),
        approvedBy: z.array(z.string()),
        contentDigest: z.string(),
        brings,
        startedBy: z.string(),
        reason: z.string(),
      })
      .nullable(),
    begunAt: instant,
    deadline: instant,
  })
  .meta({ id: "Task" });

export const listTasks = defineRoute({
  method: "get",
  path: "/v1/tasks",
  operation: "listTasks",
  tag: "plan",
  summary:
    "Steps of runs that ask you and that you may answer, the nearest deadline first, and runs that miss an overseer whom you could be",
  permission: "deployment.read",
  answers: {
    200: z.strictObject({
      items: z.array(task),
      unseen: z.array(
        z.strictObject({
          run: z.string(),
          runbook: z.string(),
          asked: z.string(),
          owner: z.string(),
          startedAt: instant,
          latestRollbackStart: instant,
        }),
      ),
    }),
  },
});

const place = z
  .strictObject({
    run: z.string(),
    runbook: z.string(),
    owner: z.string(),
    part,
    step: z.string(),
    units: z.int(),
    /** It goes before those who came earlier. */
    isUrgent: z.boolean(),
    askedAt: instant,
    /** Since when it uses it; null: it waits. */
    heldAt: instant.nullable(),
    /** Of its step: free again then at the latest. */
    until: instant,
    /** When it may begin, by what steps of these names took before; null for who uses it. */
    expected: z.strictObject({ from: instant, to: instant }).nullable(),
  })
  .meta({ id: "ResourcePlace" });

export const resourceQueue = z
  .strictObject({
    name: z.string(),
    owner: z.string(),
    capacity: z.int(),
    /** Units. */
    inUse: z.int(),
    holders: z.array(place),
    /** In the order in which they are served. */
    waiting: z.array(place),
  })
  .meta({ id: "ResourceQueue" });

export const listResources = defineRoute({
  method: "get",
  path: "/v1/resources",
  operation: "listResources",
  tag: "plan",
  summary: "What steps share, by name: who uses it, who waits for it, and when they may begin",
  permission: "deployment.read",
  answers: { 200: z.strictObject({ items: z.array(resourceQueue) }) },
});

const runbookStep = z.strictObject({
  ...runStep.pick({
    part: true,
    name: true,
    after: true,
    column: true,
    kind: true,
    does: true,
    timeout: true,
    uses: true,
  }).shape,
  /** How it is taken back, one sentence; null: there is nothing to take back. */
  undo: z.string().nullable(),
  /** Whom it asks; null: nobody. */
  asks: z.string().nullable(),
});

export const getRunbook = defineRoute({
  method: "get",
  path: "/v1/runbooks/:name",
  operation: "getRunbook",
  tag: "plan",
  summary: "One runbook as it is in force or was in any version, with its steps, all versions and who applied them",
  permission: "organisation.read",
  params: z.strictObject({ name: entityName }),
  query: z.strictObject({
    version: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/, "sha256: and 64 hexadecimal digits")
      .optional(),
  }),
  answers: {
    200: z.strictObject({
      name: z.string(),
      version: z.string(),
      /** null: the stored document cannot be read. */
      runbook: runbook.nullable(),
      steps: z.array(runbookStep),
      /** What nine of ten of its runs took at most, in seconds; null: too few. */
      usual: z.int().nullable(),
      /** The document as YAML. */
      text: z.string(),
      /** Newest first. */
      versions: z.array(
        z.strictObject({
          version: z.string(),
          from: instant,
          to: instant.nullable(),
          appliedBy: z.string(),
          place: z.string(),
        }),
      ),
      /** Whether the viewer may begin a run of it now. */
      actions: z.array(action),
    }),
  },
  problems: ["no-such-runbook"],
});

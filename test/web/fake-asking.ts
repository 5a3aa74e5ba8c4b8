import { z } from "zod";
import type { Task } from "#web/plan/queries.ts";
import type { Run, RunStep } from "#web/plan/run.ts";
import { Refused } from "#test/web/fake-refusal.ts";
import { text } from "#test/web/fake-world.ts";

/** A run that asks the viewer for everything that a run may ask of people. */
export const askingRun = `run_${"c".repeat(32)}`;
export const content = `sha256:${"ab".repeat(32)}`;
const newer = `sha256:${"ba".repeat(32)}`;
const artifact = `sha256:${"17".repeat(32)}`;
const evidence = `sha256:${"e5".repeat(32)}`;
/** What the fake takes for a token of the viewer. */
export const signingToken = "tok_mine";

const brings = [
  { service: "checkout-api", version: "4.2.0", environment: "prod-emea", artifact },
  { service: "ledger-core", version: "2.8.1-hotfix.with-a-long-name", environment: "prod-emea-berlin", artifact: null },
];
const checklist = [
  { name: "backup", label: "Is there a backup of tonight?", type: "yes-no", required: true },
  {
    name: "backup-evidence",
    label: "Where it can be seen: Is there a backup of tonight?",
    type: "link",
    required: true,
  },
] as const;

interface Given {
  readonly name: string;
  readonly kind: RunStep["kind"];
  readonly does: string;
}

type MakeStep = (given: Given & Partial<RunStep>) => RunStep;

const may = (name: string) => ({ name, allowed: true, because: "" });

function asked(who: string, more: Partial<NonNullable<RunStep["task"]>> = {}): NonNullable<RunStep["task"]> {
  const plain = { who, whenLate: "failed", signature: false, attachments: "none" } as const;
  return { ...plain, form: [], answer: may("answer"), ...more };
}

export function askingSteps(now: Temporal.Instant, step: MakeStep): RunStep[] {
  const begunAt = text(now.subtract({ minutes: 12 }));
  const deadline = text(now.add({ hours: 4 }));
  const running = { state: "running", begunAt, deadline } as const;
  return [
    step({
      name: "look",
      kind: "human-task",
      does: "Look at the balances.",
      state: "done",
      begunAt,
      endedAt: begunAt,
      outcome: "kemal: They are equal.",
      task: asked("ledger", { answer: { name: "answer", allowed: false, because: "It has ended." } }),
      files: [{ name: "balances.csv", digest: evidence, bytes: 21, by: "kemal", at: begunAt }],
    }),
    step({
      ...running,
      name: "check",
      kind: "preflight",
      does: "Check before anything is touched: checkout-api in prod-emea, backup.",
      task: asked("payments", { form: [...checklist] }),
      waitsFor: {
        what: "An answer of payments.",
        until: deadline,
        afterwards: "It is refused before anything is touched.",
      },
    }),
    step({
      ...running,
      name: "sign",
      kind: "human-task",
      does: "Compare the balances and sign.",
      task: asked("payments", { signature: true, attachments: "required" }),
      waitsFor: { what: "An answer of payments.", until: deadline, afterwards: "It counts as failed." },
    }),
    step({
      ...running,
      name: "consent",
      kind: "approve",
      does: "Look at what orders are about to run on, and at the way back.",
      consent: consentNow(content, now),
      waitsFor: {
        what: "Consent of 2 persons of approver.",
        until: deadline,
        afterwards: "Without it the step is refused.",
      },
    }),
  ];
}

function consentNow(contentDigest: string, now: Temporal.Instant): NonNullable<RunStep["consent"]> {
  const at = text(now.subtract({ minutes: 3 }));
  const plain = { contentDigest, at, signed: false, reason: "The diff is small." } as const;
  return {
    roles: ["approver"],
    teams: [],
    approvals: 2,
    signature: true,
    decide: may("decide"),
    brings,
    approvedBy: contentDigest === content ? ["eve"] : [],
    contentDigest,
    decisions: [{ ...plain, person: "eve", decision: "approved", contentDigest: content }],
  };
}

/** The same as the inbox has it. */
export function askingTasks(run: Run): Task[] {
  return run.steps.flatMap(({ state, part, name, does, begunAt, deadline, task, consent }): Task[] => {
    if (state !== "running" || begunAt === null || deadline === null) return [];
    const place = { run: run.id, runbook: run.runbook, part, step: name, instruction: does, begunAt, deadline };
    if (task !== null && task.answer.allowed) {
      const { answer: _, ...rest } = task;
      return [{ ...place, ...rest, consent: null }];
    }
    if (consent === null || consent.contentDigest === null || !consent.decide.allowed) return [];
    const { approvals, approvedBy, contentDigest, signature } = consent;
    const about = { approvals, approvedBy, contentDigest, brings, startedBy: run.startedBy, reason: run.reason };
    const plain = { who: "approver", whenLate: "failed", attachments: "none" } as const;
    return [{ ...place, ...plain, form: [], signature, consent: about }];
  });
}

const deciding = z.object({
  decision: z.enum(["approved", "rejected"]),
  note: z.string(),
  contentDigest: z.string(),
  signature: z.string().nullable(),
});

/** What becomes of the consent, as the server would have it: the first content has changed meanwhile. */
export function decide(step: RunStep, body: unknown, now: Temporal.Instant): RunStep {
  const { decision, note, contentDigest, signature } = deciding.parse(body);
  if (step.consent?.contentDigest !== contentDigest)
    throw new Refused(409, "content-changed", "What would run is not what you were shown.");
  if (signature !== "sg_given") throw new Refused(403, "not-signed", "The step consent needs a signature.");
  const at = text(now);
  const own = { person: "ana", decision, contentDigest, reason: note, at, signed: true };
  const consent = {
    ...step.consent,
    decide: { name: "decide", allowed: false, because: "Your decision on this content is on record and final." },
    approvedBy: [...step.consent.approvedBy, "ana"],
    decisions: [...step.consent.decisions, own],
  };
  const outcome = decision === "approved" ? "Approved by ana, eve." : `ana rejected it: ${note}`;
  const isOver = decision === "rejected" || consent.approvedBy.length >= consent.approvals;
  if (!isOver) return { ...step, consent };
  return {
    ...step,
    consent,
    state: decision === "approved" ? "done" : "refused",
    outcome,
    endedAt: at,
    waitsFor: null,
  };
}

/** Another content than the one that was shown. */
export function changeContent(step: RunStep, now: Temporal.Instant): RunStep {
  return step.name === "consent" ? { ...step, consent: consentNow(newer, now) } : step;
}

const signing = z.object({ token: z.string() });

export const askingHandlers: Readonly<Record<string, (request: { readonly body: unknown }) => unknown>> = {
  signStep: ({ body }) => {
    const { token } = signing.parse(body);
    if (token === "tok_other")
      throw new Refused(403, "not-your-token", "The token speaks for somebody else. Sign with one of your own.");
    if (token !== signingToken)
      throw new Refused(401, "bad-token", "The token is unknown, expired or revoked. Nothing was signed.");
    return { signature: "sg_given", digest: content, expiresAt: "2126-01-01T00:00:00Z" };
  },
  listMessages: () => ({ items: [], next: null }),
  readRunFile: () => ({
    name: "balances.csv",
    digest: evidence,
    content: Buffer.from("account;cents\n1;1204\n").toString("base64"),
  }),
};

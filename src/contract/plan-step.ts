import { z } from "zod";
import { digest, instant } from "#contract/common.ts";
import { answerBytes, attachments, byRun, formAnswer, part, run, signatureText } from "#contract/plan.ts";
import { defineRoute } from "#contract/route.ts";

const text = z.string().min(1).max(2000);
const place = { part: part.default("forward"), step: z.string().min(1).max(100) };
const decision = {
  decision: z.enum(["approved", "rejected"]),
  note: text,
  /** Of what was shown; another content answers 409. */
  contentDigest: digest,
};

export const decideStep = defineRoute({
  method: "post",
  path: "/v1/runs/:id/decisions",
  operation: "decideStep",
  tag: "plan",
  summary: "Approve or reject what a run is going to do, as it was shown; a rejection is final for that content",
  permission: "approval.decide",
  params: byRun,
  body: z.strictObject({
    ...place,
    ...decision,
    /** From `signStep`, for exactly this decision. */
    signature: signatureText.nullable().default(null),
  }),
  answers: { 200: run },
  problems: [
    "no-such-run",
    "no-such-task",
    "already-answered",
    "own-request",
    "own-work",
    "own-answer",
    "not-entitled",
    "content-changed",
    "already-decided",
    "not-signed",
  ],
});

/** A token is shown once more; what it gives signs one answer to one step, once and within five minutes. */
export const signStep = defineRoute({
  method: "post",
  path: "/v1/runs/:id/signatures",
  operation: "signStep",
  tag: "plan",
  summary: "Show once more who you are, for exactly this answer to this step; a token of an account of a human",
  permission: "task.answer",
  params: byRun,
  body: z.strictObject({
    ...place,
    token: z.string().min(1).max(300),
    signs: z.union([
      z.strictObject({
        outcome: z.enum(["done", "failed"]),
        note: text,
        form: formAnswer.default({}),
        attachments: attachments.default([]),
      }),
      z.strictObject(decision),
    ]),
  }),
  bodyLimit: answerBytes,
  answers: { 200: z.strictObject({ signature: z.string(), digest: z.string(), expiresAt: instant }) },
  problems: [
    "bad-token",
    "not-your-token",
    "automation-may-not-sign",
    "no-such-run",
    "no-such-task",
    "already-answered",
    "bad-answer",
  ],
  idempotent: false,
});

export const readRunFile = defineRoute({
  method: "get",
  path: "/v1/runs/:id/files/:digest",
  operation: "readRunFile",
  tag: "plan",
  summary: "A file that came with an answer, as base64",
  permission: "deployment.read",
  params: z.strictObject({ ...byRun.shape, digest }),
  answers: { 200: z.strictObject({ name: z.string(), digest: z.string(), content: z.base64() }) },
  problems: ["no-such-file"],
});

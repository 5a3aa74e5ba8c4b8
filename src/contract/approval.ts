import { z } from "zod";
import { byDeployment, deploymentId, digest, instant } from "#contract/common.ts";
import { deploymentDetail, deploymentSummary } from "#contract/release.ts";
import { defineRoute } from "#contract/route.ts";

export const decideApproval = defineRoute({
  method: "post",
  path: "/v1/deployments/:id/approvals",
  operation: "decideApproval",
  tag: "approval",
  summary: "Approve or reject the content that was shown; a rejection is final for that content",
  permission: "approval.decide",
  params: byDeployment,
  body: z.strictObject({
    decision: z.enum(["approved", "rejected"]),
    reason: z.string().min(1).max(2000).nullable().default(null),
    /** Digest of what was shown; another content answers 409. */
    contentDigest: digest,
    /** Freezes, by name, in spite of which it is approved: consent of its own, on the route that the freeze names. */
    despite: z.array(z.string().min(1).max(100)).max(20).default([]),
  }),
  answers: { 200: deploymentDetail },
  problems: [
    "no-such-deployment",
    "already-ended",
    "content-changed",
    "already-decided",
    "own-request",
    "own-work",
    "not-entitled",
    "reason-required",
    "no-such-freeze",
    "freeze-not-passable",
  ],
});

const liveAsk = z
  .strictObject({
    /**
     * `decide`: whether it goes back · `answer`: what the viewer's business needs while that is decided · `check-in`: how
     * it does · `held`: whether a run on hold goes on or back · `sessions`: whether sessions of a version that was left running
     * are ended · `notice`: the viewer was told something about it that still stands.
     */
    kind: z.enum(["decide", "answer", "held", "sessions", "check-in", "notice"]),
    deployment: deploymentId,
    service: z.string(),
    version: z.string(),
    environment: z.string(),
    sentence: z.string(),
    since: instant,
    /** When something comes of silence; null: nothing does by itself. */
    until: instant.nullable(),
  })
  .meta({ id: "LiveAsk" });

export const listInbox = defineRoute({
  method: "get",
  path: "/v1/inbox",
  operation: "listInbox",
  tag: "approval",
  summary: "What waits for the viewer: consent, and what is wanted of them about what goes live or is live",
  permission: "deployment.read",
  answers: {
    200: z.strictObject({
      items: z.array(
        z.strictObject({
          deployment: deploymentSummary,
          contentDigest: z.string(),
          ask: z.string(),
          /** Freezes in force that would be passed with consent in spite of them, and who can give it. */
          despite: z.array(z.strictObject({ freeze: z.string(), who: z.string() })),
        }),
      ),
      /** Gone when it is done. Decisions come first, the one that runs out first before others. */
      asks: z.array(liveAsk),
    }),
  },
});

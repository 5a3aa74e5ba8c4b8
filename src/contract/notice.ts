import { z } from "zod";
import { deploymentId, instant, pageQuery } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

const told = z.strictObject({ verdict: z.enum(["allow", "wait", "hold", "deny"]), opensAt: instant.nullable() });

export const notice = z
  .strictObject({
    deployment: deploymentId,
    person: z.string(),
    at: instant,
    /** The stored verdict that says otherwise. */
    verdict: z.string(),
    was: told,
    is: told,
    /** Rules whose answer is another one. */
    because: z.array(z.strictObject({ rule: z.string(), sentence: z.string() })),
  })
  .meta({ id: "Notice" });

export const listNotices = defineRoute({
  method: "get",
  path: "/v1/notices",
  operation: "listNotices",
  tag: "policy",
  summary: "What was said about open work and no longer holds, to whom, and why; newest first",
  permission: "deployment.read",
  query: z.strictObject({
    ...pageQuery.shape,
    person: z.string().max(200).optional(),
    deployment: deploymentId.optional(),
  }),
  answers: { 200: z.strictObject({ items: z.array(notice), next: z.string().nullable() }) },
});

import { z } from "zod";
import { instant, pageQuery } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

export const listMessages = defineRoute({
  method: "get",
  path: "/v1/messages",
  operation: "listMessages",
  tag: "plan",
  summary: "What runs have told you, newest first",
  permission: "deployment.read",
  query: pageQuery,
  answers: {
    200: z.strictObject({
      items: z.array(z.strictObject({ run: z.string(), at: instant, text: z.string() })),
      next: z.string().nullable(),
    }),
  },
});

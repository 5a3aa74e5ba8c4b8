import { z } from "zod";
import { givenInstant, instant, pageQuery } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

export const auditEntry = z
  .strictObject({
    seq: z.int(),
    id: z.string(),
    at: instant,
    person: z.string(),
    account: z.string(),
    method: z.string(),
    action: z.string(),
    object: z.string(),
    outcome: z.string(),
    reason: z.string().nullable(),
    verdict: z.string().nullable(),
  })
  .meta({ id: "AuditEntry" });

export const listAudit = defineRoute({
  method: "get",
  path: "/v1/audit",
  operation: "listAudit",
  tag: "audit",
  summary: "The record: who did what, when, with which outcome; newest first",
  permission: "audit.read",
  query: z.strictObject({
    ...pageQuery.shape,
    object: z.string().max(200).optional(),
    action: z.string().max(100).optional(),
  }),
  answers: { 200: z.strictObject({ items: z.array(auditEntry), next: z.string().nullable() }) },
});

export const exportAudit = defineRoute({
  method: "get",
  path: "/v1/audit/export",
  operation: "exportAudit",
  tag: "audit",
  summary: "Entries as canonical text with the root of their hash tree: verifiable without this server",
  permission: "audit.export",
  query: z.strictObject({ since: givenInstant.optional(), until: givenInstant.optional() }),
  answers: {
    200: z.strictObject({
      format: z.literal("tidegate-audit-1"),
      size: z.int(),
      root: z.string(),
      entries: z.array(z.string()),
      /** Leaf hashes as they were made when the entries were appended: they name the entry that was changed. */
      leaves: z.array(z.string()),
    }),
  },
  problems: ["too-many-entries"],
});
